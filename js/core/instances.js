// Which instance of this plugin runs a prompt, and whether it still lives: a record outlives it.

import { randomUUID } from "node:crypto"
import { pid } from "node:process"

/** The instances of this process, whichever copy of this module they came from. */
const INSTANCES = Symbol.for("opencode-delegate.instances")
const instances = /** @type {{ [INSTANCES]?: Set<string> }} */ (globalThis)[INSTANCES] ??= new Set()

/** Begins an instance, and gives the name by which records know it. */
export function enter() {
  const instance = `${pid}:${randomUUID().slice(0, 8)}`
  instances.add(instance)
  return instance
}

/** Ends an instance. @param {string} instance */
export const leave = (instance) => void instances.delete(instance)

/** Whether an instance lives, in this process or in another of this machine. @param {string} instance */
export function isAlive(instance) {
  const other = Number.parseInt(instance)
  if (other === pid) return instances.has(instance)
  try {
    process.kill(other, 0)
    return true
  } catch (error) {
    // It lives, and is another user's.
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM"
  }
}
