// The types as a TypeScript user sees them. tsc --strict checks this file; it never runs.

import { DelegateError, Engine, evaluatePermission, rules } from "opencode-delegate/engine"
import type { Config, Decision, Effect, Event, Request } from "opencode-delegate/engine"
import plugin from "opencode-delegate"

const config: Config = { agents: { lead: { mode: "subagent", task_budget: 3, permission: { task: { "*": "deny" } } } }, auto_resume: false }
const engine = new Engine(config)
const request: Request = { now: 0, callID: "c", sessionID: "s", agent: "lead", description: "d", prompt: "p" }
const decision: Decision = engine.decide(request)

export function act(decision: Decision): string {
  switch (decision.action) {
    case "resume":
    case "compact":
      return decision.sessionID + decision.ticket + (decision.slug ?? "")
    case "spawn":
      return decision.slug
    case "join":
      return decision.sessionID
    case "deny":
      return decision.code === "not_owner" ? decision.message : decision.candidates.map(({ slug }) => slug).join()
  }
}

const event: Event = { type: "session.status", now: 0, sessionID: "s", status: "idle" }
const effects: Effect[] = engine.apply(event)
export const stored = effects.map((effect) => (effect.type === "store" ? [effect.sessionID, effect.record.slug ?? ""] : []))

// @ts-expect-error a field that is not there
new Engine({ nonsense: 1 })
// @ts-expect-error a word that is none
new Engine({ on_agent_mismatch: "maybe" })
// @ts-expect-error a request without an agent
engine.decide({ now: 0, callID: "c", sessionID: "s", description: "d", prompt: "p" })
// @ts-expect-error only some decisions have a ticket
decision.ticket

export const said = [rules()[0].when, evaluatePermission([], "task", "x"), plugin.id, new DelegateError({ code: "invalid_config", message: "" }).field, act(decision)]
