// Names, ids and tasks outlive a reload of the plugins in one process.

import { setTimeout as sleep } from "node:timers/promises"
import { CASES, lasting } from "./lasting.js"

const { reads, foreground } = CASES

/** oh-my-openagent's start takes a second, and OpenCode does not wait for it: a request for agents in that time gets those without it. */
const STARTS_MS = 5_000

lasting("a reload", [reads, foreground], async (host) => {
  await host.api("POST", "/instance/dispose")
  await host.api("GET", "/path")
  await sleep(STARTS_MS)
})
