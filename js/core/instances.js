// The names by which records know the instances of this plugin, and whether an instance is alive: a record outlives it.

import { pid } from "node:process"

/** The instances of this process, from every loaded copy of this module. */
const INSTANCES = Symbol.for("opencode-delegate.instances")
const instances = /** @type {{ [INSTANCES]?: Set<string> }} */ (globalThis)[INSTANCES] ??= new Set()

/** Registers a new instance, and returns its name in records. */
export function registerInstance() {
  const instance = `${pid}:${crypto.randomUUID().slice(0, 8)}`
  instances.add(instance)
  return instance
}

/** Ends an instance. @param {string} instance */
export const unregisterInstance = (instance) => void instances.delete(instance)

/** Whether an instance is or was one of this process. @param {string} instance */
export const isOfThisProcess = (instance) => Number.parseInt(instance) === pid

/** Whether an instance is alive, in this process or in another process of this machine. @param {string} instance */
export function isAlive(instance) {
  if (isOfThisProcess(instance)) return instances.has(instance)
  try {
    process.kill(Number.parseInt(instance), 0)
    return true
  } catch (error) {
    // The process is alive and belongs to another user.
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM"
  }
}
