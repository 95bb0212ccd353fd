// What outlives a reload of the plugins in one process.

import { CASES, lasting } from "./lasting.js"

const { reads, foreground } = CASES

lasting("a reload", [reads, foreground], async (host) => {
  await host.api("POST", "/instance/dispose")
})
