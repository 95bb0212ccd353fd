// What a user of omo does in a day: many tasks at once, a task that is stopped, undone or forked.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { script } from "../../host/model.js"
import { until } from "../delegate/world.js"
import { bgIn, hosts, idIn, recall, secret, task, use } from "./world.js"

const { test } = hosts()

describe("A day with omo", () => {
  test("Five background tasks of five categories are read by name", async ({ host, say, rests }) => {
    const root = await host.session()
    const categories = ["quick", "deep", "writing", "artistry", "ultrabrain"]
    const calls = categories.map((category) => task({ category, description: `Do ${category}`, run_in_background: true }, secret(category)).call)
    const { text } = await host.prompt(root, script({ calls }, { say: "RESULTS {{results}}" }))
    for (const category of categories) assert.match(text, new RegExp(`\ntask_id: do-${category} \\(spawned`))
    for (const { id } of await host.children(root)) await rests(id)
    for (const category of categories) {
      await until(async () => new RegExp(`SECRET=${category}\\b`).test(await say(root, use("background_output", { task_id: `do-${category}` }))), category, 30_000)
    }
    assert.equal((await host.children(root)).length, 5)
  })

  test("A background task that was cancelled by its name is resumed by its name", async ({ host, say, model, rests }) => {
    const root = await host.session()
    const started = await say(root, task({ subagent_type: "explore", description: "Look around", run_in_background: true }, [{ say: "SECRET=plum", ...use("read", { filePath: "notes.txt" }) }, { gate: root, say: "never" }]))
    await model.reached(root)
    assert.match(await say(root, use("background_cancel", { taskId: "look-around" })), /cancelled successfully/)
    await rests(idIn(started))
    const result = await say(root, task({ task_id: "look-around" }, recall))
    assert.match(result, /recalled plum[^]*\ntask_id: look-around \(resumed/)
    assert.equal(idIn(result), idIn(started))
    const again = await say(root, task({ task_id: "look-around", run_in_background: true }, recall))
    await rests(idIn(started))
    assert.match(again, /\ntask_id: look-around \(resumed/)
    assert.ok(bgIn(again))
  })

  test("A background task that runs is asked again by its name, and both answers come", async ({ host, say, model, asked, rests }) => {
    const root = await host.session()
    const started = await say(root, task({ subagent_type: "explore", description: "Look around", run_in_background: true }, [{ say: "SECRET=plum", ...use("read", { filePath: "notes.txt" }) }, { gate: root, say: "looked" }]))
    await model.reached(root)
    const asking = say(root, task({ task_id: "look-around" }, recall))
    setTimeout(() => model.open(root), 1_000)
    assert.match(await asking, /recalled plum[^]*\ntask_id: look-around \(/)
    await rests(root)
    assert.equal((await asked(idIn(started))).length, 2)
    await until(async () => /looked|recalled plum/.test(await say(root, use("background_output", { task_id: "look-around" }))), "the result", 30_000)
    assert.equal((await host.children(root)).length, 1)
  })

  test("A background task that runs is asked again in the background, and its answer is read by name", async ({ host, say, model, asked, rests }) => {
    const root = await host.session()
    const started = await say(root, task({ subagent_type: "explore", description: "Look around", run_in_background: true }, [{ say: "SECRET=plum", ...use("read", { filePath: "notes.txt" }) }, { gate: root, say: "looked" }]))
    await model.reached(root)
    const asking = say(root, task({ task_id: "look-around", run_in_background: true }, recall))
    setTimeout(() => model.open(root), 1_000)
    assert.match(await asking, /\ntask_id: look-around \(/)
    await until(async () => (await asked(idIn(started))).length === 2, "the second prompt", 20_000)
    await rests(idIn(started))
    await until(async () => /recalled plum/.test(await say(root, use("background_output", { task_id: "look-around" }))), "the result", 30_000)
  })

  test("background_output waits for a task that it is given by name", async ({ host, say, model }) => {
    const root = await host.session()
    await say(root, task({ subagent_type: "explore", description: "Look around", run_in_background: true }, [{ gate: root, say: "SECRET=plum" }]))
    await model.reached(root)
    setTimeout(() => model.open(root), 1_000)
    assert.match(await say(root, use("background_output", { task_id: "look-around", block: true, timeout: 20_000 })), /SECRET=plum/)
  })

  test("The name of a task whose session the user deletes is free", async ({ host, say }) => {
    const root = await host.session()
    const first = idIn(await say(root, task({ subagent_type: "explore", description: "Look", task_id: "the-look" }, secret("fig"))))
    await host.remove(first)
    const second = await say(root, task({ subagent_type: "explore", description: "Look", task_id: "the-look" }, secret("kiwi")))
    assert.match(second, /SECRET=kiwi[^]*\ntask_id: the-look \(spawned/)
    assert.match(await say(root, task({ task_id: "the-look" }, recall)), /recalled kiwi/)
  })

  test("A task whose caller is stopped is resumed by its name", async ({ host, say, model, rests }) => {
    const root = await host.session()
    const said = host.prompt(root, script(task({ subagent_type: "explore", description: "Look around" }, [{ say: "SECRET=plum", ...use("read", { filePath: "notes.txt" }) }, { gate: root, say: "never" }])))
    await model.reached(root)
    await host.abort(root)
    await said.catch(() => {})
    const [{ id }] = await host.children(root)
    await rests(id)
    const result = await say(root, task({ task_id: "look-around" }, recall))
    assert.match(result, /recalled plum[^]*\ntask_id: look-around \(resumed/)
    assert.equal(idIn(result), id)
  })

  test("The name of a task whose message is undone is free", async ({ host, say }) => {
    const root = await host.session()
    const first = idIn(await say(root, task({ subagent_type: "explore", description: "Look", task_id: "the-look" }, secret("fig"))))
    const messages = await host.messages(root)
    const { info } = messages.findLast(({ info }) => info.role === "user") ?? messages[0]
    await host.revert(root, info.id)
    const second = await say(root, task({ subagent_type: "explore", description: "Look", task_id: "the-look" }, secret("kiwi")))
    assert.match(second, /SECRET=kiwi[^]*\ntask_id: the-look \(spawned/)
    assert.notEqual(idIn(second), first)
    assert.match(await say(root, task({ task_id: "the-look" }, recall)), /recalled kiwi/)
  })

  test("The name of a background task whose message is undone while it runs is free", async ({ host, say, model, rests }) => {
    const root = await host.session()
    const first = idIn(await say(root, task({ subagent_type: "explore", description: "Look", task_id: "the-look", run_in_background: true }, [{ gate: root, say: "SECRET=fig" }])))
    await model.reached(root)
    const { info } = (await host.messages(root)).findLast(({ info }) => info.role === "user") ?? assert.fail("no message")
    await host.revert(root, info.id)
    const second = await say(root, task({ subagent_type: "explore", description: "Look", task_id: "the-look" }, secret("kiwi")))
    assert.match(second, /SECRET=kiwi[^]*\ntask_id: the-look \(spawned/)
    model.open(root)
    await rests(first)
    assert.match(await say(root, task({ task_id: "the-look" }, recall)), /recalled kiwi/)
  })

  test("A task is resumed by its name after its caller was summarised", async ({ host, say, rests }) => {
    const root = await host.session()
    const id = idIn(await say(root, task({ category: "quick", description: "Mend it" }, secret("lime"))))
    await host.summarise(root)
    await rests(root)
    const result = await say(root, task({ task_id: "mend-it" }, recall))
    assert.match(result, /recalled lime[^]*\ntask_id: mend-it \(resumed/)
    assert.equal(idIn(result), id)
  })

  test("A fork resumes the tasks that its messages name, and its own tasks have names of their own", async ({ host, say }) => {
    const root = await host.session()
    const id = idIn(await say(root, task({ subagent_type: "explore", description: "Look", task_id: "the-look" }, secret("fig"))))
    const fork = await host.fork(root)
    const resumed = await say(fork, task({ task_id: "the-look" }, recall))
    assert.match(resumed, /recalled fig[^]*\ntask_id: the-look \(resumed/)
    assert.equal(idIn(resumed), id)
    assert.match(await say(fork, task({ category: "quick", description: "Mend it" }, secret("lime"))), /\ntask_id: mend-it \(spawned/)
    assert.match(await say(fork, task({ task_id: "mend-it" }, recall)), /recalled lime/)
  })

  test("Two tasks with one description in one message keep their names, in the foreground", async ({ host, say, patient }) => {
    const root = await host.session()
    const calls = [task({ category: "quick", description: "Mend", task_id: "one" }, secret("one")), task({ category: "deep", description: "Mend", task_id: "two" }, secret("two"))].map(({ call }) => call)
    const { text } = await patient(host.prompt(root, script({ calls }, { say: "RESULTS {{results}}" })), "the calls")
    assert.match(text, /SECRET=one[^]*\ntask_id: one \(spawned[^]*SECRET=two[^]*\ntask_id: two \(spawned/)
    for (const name of ["one", "two"]) assert.match(await say(root, task({ task_id: name }, recall)), new RegExp(`recalled ${name}`))
  })
})
