// Both plugins in one list, not composed: it is said, and oh-my-openagent goes on as without this one.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { PLUGIN } from "../fixture.js"
import { ALONE, MISSING, boot, secret, task } from "./world.js"

for (const [which, plugins] of /** @type {[string, string[]][]} */ ([["first", [PLUGIN, ALONE]], ["last", [ALONE, PLUGIN]]])) {
  describe(`This plugin ${which}, beside oh-my-openagent`, { skip: MISSING }, () => {
    it(`This plugin, listed ${which}, says that the two need one entry, and categories go on working`, async (t) => {
      const { host, say } = await boot(t, plugins)
      const events = await host.events()
      const root = await host.session()
      const result = await say(root, task({ category: "quick", description: "Mend it" }, secret("fig")))
      assert.match(result, /Task completed[^]*SECRET=fig[^]*\ncategory: quick/)
      assert.doesNotMatch(result, /\ntask_id: mend-it/)
      const shown = await events.wait(({ type, properties }) => type === "tui.toast.show" && /opencode-delegate\/omo/.test(properties.message), 15_000)
      assert.match(shown.properties.message, /oh-my-openagent/)
      events.stop()
    })
  })
}
