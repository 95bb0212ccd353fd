// Kills the process at the creation of a child whose title says so, but never twice.

import { dieAt } from "../delegate/dying.js"

/** @type {import("@opencode-ai/plugin").Plugin} */
export default async ({ directory }) => ({
  async event({ event }) {
    const { type, properties } = /** @type {{ type: string, properties: any }} */ (event)
    if (type === "session.created" && properties.info.parentID) dieAt(directory, "created", properties.info.title)
  },
})
