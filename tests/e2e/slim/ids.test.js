// An id of the model is never silently replaced by an empty session.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { idIn, task } from "../fixture.js"
import { hosts, recall, secret } from "./world.js"

const { shown } = hosts()

const NOBODY = "ses_00000000000000000000000000"

/** Slim alone drops an unknown id, and starts a session without memory. */
const forgotten = /recalled \(nothing\)/

describe("An id with one wrong letter", () => {
  shown("A mistyped id resumes its session, and the result says so", async ({ host, say, settle }) => {
    const root = await host.session()
    const id = idIn(await say(root, task("explorer", "Explore", secret("lime"))))
    await settle(root)
    const wrong = id.slice(0, -1) + (id.endsWith("0") ? "1" : "0")
    const result = await say(root, task("explorer", "Again", recall, wrong))
    assert.match(result, /recalled lime/)
    assert.match(result, new RegExp(`There is no session "${wrong}"; "${id}" is nearly the same and was resumed`))
    assert.equal((await host.children(root)).length, 1)
  }, forgotten)
})

describe("An unknown id", () => {
  shown("An unknown id is refused if the caller has sessions, which are listed", async ({ host, say, settle }) => {
    const root = await host.session()
    await say(root, task("explorer", "Explore auth", secret("lemon")), task("explorer", "Map", secret("fig"), "the-map"))
    await settle(root)
    const result = await say(root, task("explorer", "Again", recall, NOBODY))
    assert.match(result, /There is no session "ses_0+" to resume[^]*\n- explore-auth \("explorer"\): "Explore auth"/)
    assert.match(result, /\n- the-map \("explorer"\): "Map"/)
    assert.equal((await host.children(root)).length, 2)
  }, forgotten)

  shown("An unknown id spawns a session if the caller has none, and the result says so", async ({ host, say }) => {
    const root = await host.session()
    const result = await say(root, task("explorer", "Explore", recall, NOBODY))
    assert.match(result, /and none to resume, so a new one was started/)
    assert.equal((await host.children(root)).length, 1)
  }, forgotten)

  shown("An id of another conversation is refused", async ({ host, say, settle }) => {
    const [mine, theirs] = [await host.session(), await host.session()]
    const id = idIn(await say(theirs, task("explorer", "Secret", secret("quince"))))
    await settle(theirs)
    const result = await say(mine, task("explorer", "Steal", recall, id))
    assert.match(result, new RegExp(`Session "${id}" is not owned by this caller`))
    assert.equal((await host.children(mine)).length, 0)
  }, forgotten)
})

describe("Another specialist's session", () => {
  shown("Another specialist's session is refused by its name", async ({ host, say, settle }) => {
    const root = await host.session()
    await say(root, task("explorer", "Explore", secret("mango"), "explore"))
    await settle(root)
    assert.match(await say(root, task("fixer", "Fix", recall, "explore")), /belongs to agent "explorer", not to "fixer"/)
    assert.equal((await host.children(root)).length, 1)
  }, forgotten)
})

describe("A text that cannot be a name", () => {
  shown("A text that cannot be a name is refused", async ({ host, say }) => {
    const root = await host.session()
    assert.match(await say(root, task("explorer", "Odd", recall, "?!")), /task_id "\?!" is neither a session id nor a usable name/)
    assert.equal((await host.children(root)).length, 0)
  }, forgotten)
})
