// What a plain JavaScript Map does of the same rows: R1, R4, R5 and R12 by name, with tickets. The yardstick of the bench.

export class Plain {
  sessions = new Map()
  names = new Map()
  tickets = new Map()
  next = 0

  /** @param {{ id: string, agent: string, slug: string }} session */
  add(session) {
    const known = { ...session, running: false }
    this.sessions.set(session.id, known)
    this.names.set(session.slug, known)
  }

  /** @param {{ agent: string, description: string, task_id?: string }} request */
  decide({ agent, description, task_id }) {
    const slug = (task_id ?? description).toLowerCase().replace(/[^\p{L}\p{N}_-]+/gu, "-").replace(/^-+|-+$/g, "")
    const found = this.names.get(slug)
    const ticket = this.next++
    if (!found) {
      this.tickets.set(ticket, slug)
      return { action: "spawn", rule: task_id ? "R5" : "R12", ticket, slug }
    }
    if (found.running) return { action: "join", rule: "R1", sessionID: found.id, slug }
    if (found.agent !== agent) return { action: "deny", rule: "R2", code: "agent_mismatch" }
    found.running = true
    this.tickets.set(ticket, found)
    return { action: "resume", rule: "R4", sessionID: found.id, ticket, slug }
  }

  /** @param {number} ticket */
  refund(ticket) {
    const found = this.tickets.get(ticket)
    if (typeof found === "object") found.running = false
    this.tickets.delete(ticket)
  }
}
