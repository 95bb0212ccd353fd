// OpenCode 2's agents, as core reads agents.

import { AGENT_FIELDS, fieldsNotice } from "../../core/index.js"

/** OpenCode 2's names of actions, with OpenCode 1's names of the same permissions. @type {Record<string, string>} */
const PERMISSIONS = { subagent: "task", shell: "bash" }

/** @typedef {{ action: string, resource: string, effect: any }} Rule */

/** A rule of OpenCode 2 in the form of OpenCode 1. @param {Rule} rule */
export const readRule = ({ action, resource, effect }) => ({ permission: PERMISSIONS[action] ?? action, pattern: resource, action: effect })

/** OpenCode 1's names of permissions, with OpenCode 2's names of the same actions. */
const ACTIONS = Object.fromEntries(Object.entries(PERMISSIONS).map(([action, permission]) => [permission, action]))

/** A rule of OpenCode 1 in the form of OpenCode 2. @param {import("../../api.js").HostRule} rule @returns {Rule} */
export const writeRule = ({ permission, pattern, action }) => ({ action: ACTIONS[permission] ?? permission, resource: pattern, effect: action })

/**
 * @param {any} agent
 * @returns {import("../../core/index.js").HostAgent}
 */
export const readAgent = ({ id, mode, permissions, request }) => ({ name: id, mode, permission: permissions?.map(readRule), options: request?.body })

/**
 * The fields of agents that belong to this package. OpenCode 2 keeps unknown fields of an agent in the body of its requests: they
 * are taken out, and no provider gets them.
 */
export class AgentFields {
  /** @type {Map<string, Record<string, unknown>>} */
  #fields = new Map()

  /** Takes the fields out of all agents, for `ctx.agent.transform`. @param {{ list: () => any[], update: (id: string, change: (agent: any) => void) => void }} editor */
  take(editor) {
    for (const { id, request } of editor.list()) {
      const found = AGENT_FIELDS.filter((field) => field in (request?.body ?? {}))
      if (!found.length) continue
      this.#fields.set(id, Object.fromEntries(found.map((field) => [field, request.body[field]])))
      editor.update(id, (agent) => {
        for (const field of found) delete agent.request.body[field]
      })
    }
  }

  /**
   * The warning about fields that probably mean this package's, if there are some.
   * @param {{ list: () => any[] }} editor
   */
  unknown(editor) {
    return fieldsNotice(editor.list().map(({ id, request }) => [id, request?.body ?? {}]))
  }

  /** The fields of each agent that has some. @returns {Record<string, Record<string, unknown>>} */
  all() {
    return Object.fromEntries(this.#fields)
  }
}
