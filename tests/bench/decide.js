// The cost of a decision through JavaScript, in nanoseconds, by number of resident sessions. Prints a JSON line a row.

import { Engine } from "../../js/engine.js"
import { Plain } from "./plain.js"

const ROOT = "ses_root0000000000000000000"
const DECISIONS = 200_000

/** @param {number} index */
const agentOf = (index) => (index % 2 ? "explorer" : "fixer")
/** @param {number} index */
const idOf = (index) => `ses_${index.toString(16).padStart(12, "0")}AbCdEfGhIjKlMn`

/** @param {number} sessions */
function engine(sessions) {
  const engine = new Engine({ agents: { explorer: {}, fixer: {} } })
  for (let index = 0; index < sessions; index++) {
    const session = { id: idOf(index), parentID: ROOT, agent: agentOf(index), description: `Explore auth module ${index}` }
    engine.apply({ type: "session.created", now: 1_000 + index, session })
  }
  return {
    decide: (/** @type {any} */ request) => /** @type {any} */ (engine.decide(request)),
    refund: (/** @type {number} */ ticket) => void engine.apply({ type: "ticket.refund", now: 1, ticket }),
  }
}

/** @param {number} sessions */
function plain(sessions) {
  const plain = new Plain()
  for (let index = 0; index < sessions; index++) {
    plain.add({ id: idOf(index), agent: agentOf(index), slug: `explore-auth-module-${index}` })
  }
  return plain
}

for (const [who, make] of /** @type {[string, (sessions: number) => any][]} */ ([["engine", engine], ["Map", plain]])) {
  for (const sessions of [20, 1_000, 100_000]) {
    for (const row of ["R4", "R5"]) {
      const world = make(sessions)
      const batch = Math.min(sessions, 1_000)
      let spent = 0
      for (let done = 0; done < DECISIONS; done += batch) {
        const requests = Array.from({ length: batch }, (_, place) => {
          const index = ((done + place) * 7919) % sessions
          const task_id = row === "R4" ? `explore-auth-module-${index}` : `something-new-${done + place}`
          const callID = `call_${done + place}`
          return { now: 500_000, callID, sessionID: ROOT, callerAgent: "build", agent: agentOf(index), description: "Explore auth",
            prompt: "Look at the auth code and tell me what it does.", task_id }
        })
        const decisions = new Array(batch)
        const began = performance.now()
        for (let place = 0; place < batch; place++) decisions[place] = world.decide(requests[place])
        spent += performance.now() - began
        for (const { rule, ticket } of decisions) {
          if (rule !== row) throw new Error(`row ${rule}, not ${row}`)
          world.refund(ticket)
        }
      }
      console.log(JSON.stringify({ bench: who, row, sessions, ns: Math.round((spent / DECISIONS) * 1e6) }))
    }
  }
}
