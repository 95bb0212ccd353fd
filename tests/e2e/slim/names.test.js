// A name stands for one session, with every specialist of slim.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { idIn, task } from "../fixture.js"
import { SPECIALISTS, hosts, later, recall, secret } from "./world.js"

const { shown } = hosts()

/** Slim alone drops a name, and starts a session without memory. */
const forgotten = /recalled \(nothing\)/

describe("A name of a session", () => {
  for (const agent of Object.keys(SPECIALISTS)) {
    shown(`A name resumes its session of ${agent}`, async ({ host, say, settle }) => {
      const root = await host.session()
      const first = await say(root, task(agent, "Explore auth", secret("kumquat"), "explore-auth"))
      await settle(root)
      const again = await say(root, task(agent, "Go on", recall, "explore-auth"))
      assert.match(again, /recalled kumquat/)
      assert.equal(idIn(again), idIn(first))
      assert.equal((await host.children(root)).length, 1)
    }, forgotten)
  }

  shown("A name in any spelling resumes its session", async ({ host, say, settle }) => {
    const root = await host.session()
    await say(root, task("explorer", "Explore auth", secret("kumquat"), "explore-auth"))
    await settle(root)
    assert.match(await say(root, task("explorer", "Go on", recall, "Explore AUTH!")), /recalled kumquat/)
    assert.equal((await host.children(root)).length, 1)
  }, forgotten)

  shown("A name resumes its session beside other names of the same and of another specialist", async ({ host, say, settle }) => {
    const root = await host.session()
    const names = /** @type {const} */ ([["explorer", "auth", "fig"], ["explorer", "cache", "date"], ["fixer", "auth-fix", "plum"]])
    await say(root, ...names.map(([agent, name, word]) => task(agent, `Do ${name}`, secret(word), name)))
    await settle(root)
    const again = await say(root, ...names.map(([agent, name]) => task(agent, `Again ${name}`, recall, name)).reverse())
    assert.match(again, /recalled plum[^]*recalled date[^]*recalled fig/)
    assert.equal((await host.children(root)).length, 3)
  }, forgotten)

  shown("A name that was made from a description resumes its session", async ({ host, say, settle }) => {
    const root = await host.session()
    await say(root, task("explorer", "Map the API", secret("fig")))
    await settle(root)
    assert.match(await say(root, task("explorer", "Go on", recall, "map-the-api")), /recalled fig/)
    assert.equal((await host.children(root)).length, 1)
  }, forgotten)
})

describe("A result's name", () => {
  shown("A result names a new session, and a resumed one", async ({ host, say, settle }) => {
    const root = await host.session()
    assert.match(await say(root, task("explorer", "Explore auth", secret("kumquat"), "explore-auth")), /\ntask_id: explore-auth \(spawned: /)
    await settle(root)
    assert.match(await say(root, task("explorer", "Go on", recall, "explore-auth")), /\ntask_id: explore-auth \(resumed: /)
  })

  shown("A background result has a name made from its description", async ({ host, model, say, hears }) => {
    const root = await host.session()
    // If the task ended within the turn that started it, that turn would end with another answer.
    const result = await say(root, later("explorer", "Map the API", [{ gate: root, say: "SECRET=fig" }]))
    model.open(root)
    await hears(root, 1)
    assert.match(result, /\ntask_id: map-the-api \(spawned: /)
  })
})
