// Names, ids, prompts and tasks outlive the process.

import { until } from "../delegate/world.js"
import { CASES, lasting } from "./lasting.js"

/** A plugin that kills the process when a child is created whose title says so. */
const KILLER = new URL("./killer.js", import.meta.url).href

const { kept, ...others } = CASES

lasting("kill -9", Object.values(others), async (host) => {
  await host.kill()
  await host.restart()
})

lasting("kill -9 at the creation of a child", [kept], async (host) => {
  await until(async () => !(await host.api("GET", "/session/status", undefined, 1_000).then(() => true, () => false)), "the end of the process", 30_000)
  await host.kill().catch(() => {})
  await host.restart()
}, [KILLER])
