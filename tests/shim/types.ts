// The types as a TypeScript user sees them. tsc --strict checks this file; it never runs.

import { DelegateError, Engine, classifyTaskID, evaluatePermission, rules, transitions } from "opencode-delegate/engine"
import type { Config, Decided, Decision, Effect, Event, PromptKeptEvent, Request, Session, SpawnDecision, StoreEffect, TaskIDKind, Transition } from "opencode-delegate/engine"
import plugin from "opencode-delegate"
import { withDelegation } from "../../js/compose.js"

const config: Config = { agents: { lead: { mode: "subagent", task_budget: 3, permission: { task: { "*": "deny" } } } }, auto_resume: false }
const engine = new Engine(config)
const request: Request = { now: 0, callID: "c", sessionID: "s", agent: "lead", description: "d", prompt: "p" }
const { decision, effects: first }: Decided = engine.decide(request)

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

export const smallest: Config = {}
export const largest: Config = {
  agents: {
    lead: { mode: "all", task_budget: 1, callable_by_subagents: true, permission: [{ permission: "task", pattern: "*", action: "ask" }], fallback_models: ["p/m"] },
  },
  max_depth: 1,
  slug_scope: "caller",
  on_agent_mismatch: "resume",
  on_context_full: "spawn",
  context_limit: 0.5,
  resume_ttl_ms: 1,
  same_agent: "resume",
  auto_resume: 0.5,
  precedence: "last_match",
  nested_calls: "host",
  max_parallel: 1,
  stall_ms: 1,
}

export const kept: PromptKeptEvent = { type: "prompt.kept", now: 0, callerID: "s", agent: "lead", parts: [{ type: "text", text: "p" }], permission: [] }
export const names = (spawn: SpawnDecision, store: StoreEffect): string[] => [spawn.slug, store.record.slug ?? spawn.reason]
export const waiting = (session: Session): number => session.waiting ?? session.task?.notices?.length ?? 0
export const kind: TaskIDKind = classifyTaskID("Explore auth")
export const after: Transition["to"] = transitions()[0].to
export const stores = first.filter((effect) => effect.type === "store").map(({ later }) => later ?? false)
export const composed = withDelegation(async () => ({}), { same_agent: "resume", executor: "host", limits: { max_steps: 5 } })

// @ts-expect-error what may be absent is not there for sure
export const certain = (session: Session): number => session.waiting
// @ts-expect-error a failure without a kind
engine.apply({ type: "prompt.failed", now: 0, sessionID: "s", prompt_no: 1, attempt: 1, failure: { message: "m" } })
// @ts-expect-error a field that is not there
new Engine({ nonsense: 1 })
// @ts-expect-error a word that is none
new Engine({ on_agent_mismatch: "maybe" })
// @ts-expect-error an option of the plugin that is not there
withDelegation(async () => ({}), { nonsense: 1 })
// @ts-expect-error a word that is none
withDelegation(async () => ({}), { same_agent: "resumee" })
// @ts-expect-error agents come from OpenCode
withDelegation(async () => ({}), { agents: {} })
// @ts-expect-error an option of an engine that is not there
new Engine({}, { proces: "p1" })
// @ts-expect-error the plugin's own option
new Engine({ executor: "host" })
// @ts-expect-error a request without an agent
engine.decide({ now: 0, callID: "c", sessionID: "s", description: "d", prompt: "p" })
// @ts-expect-error only some decisions have a ticket
decision.ticket

export const said = [rules()[0].when, evaluatePermission([], "task", "x"), plugin.id, new DelegateError({ code: "invalid_config", message: "" }).field, act(decision)]
