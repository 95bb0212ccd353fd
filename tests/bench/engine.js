// The engine in the bench: through the typed API and the wasm.

import { Engine } from "../../js/engine.js"
import { CONFIG, ROOT, session } from "./world.js"

/** @param {number} sessions */
export function engine(sessions) {
  const engine = new Engine(CONFIG)
  for (let index = 0; index < sessions; index++) {
    const { id, agent, slug, description, lastUsed } = session(index)
    const record = { v: 1, slug, agent, description, budget: 0, used: 0, tokens: 0, window: 0, lastUsed }
    engine.apply({ type: "session.created", now: lastUsed, session: { id, parentID: ROOT, agent, description, record } })
  }
  return {
    decide: (/** @type {import("./world.js").Request} */ request) => /** @type {import("./world.js").Decided} */ (engine.decide(request).decision),
    /** @param {import("./world.js").Decided} decision */
    takeBack({ ticket }) {
      if (ticket !== undefined) engine.apply({ type: "ticket.refund", now: 0, ticket })
    },
  }
}
