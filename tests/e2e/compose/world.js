// A real OpenCode with some other plugin, alone or composed with this package's engine, and the scripted model.

import assert from "node:assert/strict"
import { after, describe, it } from "node:test"
import { AGENTS, MISSING, OPENCODE2, boot as bootAny } from "../fixture.js"

/** The address of a plugin: OpenCode 2 takes a folder. @param {string} path */
const addressOf = (path) => new URL(OPENCODE2 ? path.replace(/^\.\/(\w+)\.js$/, "./opencode2/$1") : path, import.meta.url).href

/** A child's secret, and a step that repeats it. Only the same session can repeat it. */
export const secret = (/** @type {string} */ word) => [{ say: `SECRET=${word}` }]
export const recall = [{ say: "recalled {{recall /SECRET=(\\w+)/}}" }]

/** A step that calls a tool. @param {string} tool @param {Record<string, unknown>} args */
export const use = (tool, args = {}) => ({ call: { tool, args } })

/** @typedef {Awaited<ReturnType<typeof boot>>} World */
/** @typedef {Omit<NonNullable<Parameters<typeof bootAny>[1]>, "plugin"> & { plugin: string | string[] }} Setup */

/**
 * Boots a host and a model that end with the test.
 * @param {Parameters<typeof bootAny>[0]} t
 * @param {Setup} setup
 */
export async function boot(t, { plugin, ...setup }) {
  const plugins = [plugin].flat().map(addressOf)
  const world = await bootAny(t, { agent: AGENTS, plugin: plugins, own: true, ...setup })
  const { model } = world
  return {
    ...world,
    /** The requests for an answer that reached the model since it was last cleared. */
    requests: () => model.requests.filter(({ kind }) => kind === "chat"),
    /** The last request that a session made to the model, as text. @param {string} id */
    seen: (id) => JSON.stringify(model.requests.findLast(({ kind, sessionID }) => kind === "chat" && sessionID === id)?.body.messages),
  }
}

/**
 * The hosts of a file, each booted when it is first needed.
 * @template {string} Name
 * @param {Record<Name, Setup>} setups
 */
export function hosts(setups) {
  /** @type {(() => Promise<void>)[]} */
  const ends = []
  /** @type {Map<Name, Promise<World>>} */
  const worlds = new Map()
  after(() => Promise.all(ends.map((end) => end())))
  return (/** @type {Name} */ name) => {
    const world = worlds.get(name) ?? boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, setups[name])
    worlds.set(name, world)
    return world
  }
}

/**
 * Two tests of one body: the body passes with the engine, and one of its assertions fails with the other plugin alone.
 * @param {string} name
 * @param {() => Promise<void>} withUs
 * @param {() => Promise<void>} alone
 */
export function shown(name, withUs, alone) {
  describe(name, { skip: MISSING }, () => {
    it(`With the engine: ${name}`, withUs)
    it(`The plugin alone fails: ${name}`, () => assert.rejects(alone, { code: "ERR_ASSERTION" }))
  })
}
