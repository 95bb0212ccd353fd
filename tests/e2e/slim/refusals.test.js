// A call that slim refuses stays refused in slim's own words, starts no session and sends no prompt.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { MISSING, idIn, plain, task } from "../fixture.js"
import { ALONE, FIRST_ID, WITH_US, hosts, later, recall, secret, use } from "./world.js"

const { world, test } = hosts()

/** The moments in which slim may notice the ended children before the next step. A busy machine needs the longer ones. */
const MOMENTS = [1_000, 4_000, 10_000]

/** Slim's answer before it has noticed the end of a child: it refuses for another reason, or starts a session. */
const EARLY = /is still running|^<(task id|subagent sessionID)=/

/**
 * Plays a conversation with a longer moment, until slim has noticed the ended children.
 * @template T
 * @param {(hang: number) => Promise<T>} play
 * @param {(played: T) => string} answer
 * @returns {Promise<T>}
 */
async function inTime(play, answer) {
  for (const hang of MOMENTS.slice(0, -1)) {
    const played = await play(hang)
    if (!EARLY.test(answer(played))) return played
  }
  return play(MOMENTS[MOMENTS.length - 1])
}

/** The gate that opens when the child has reached its model. @param {string} gate */
const reached = (gate) => `${gate} reached`

/**
 * The steps before the call that is refused, and that call. If `held` is given, the child waits in its model at the gate of
 * its root. If `open` is given, the test opens that gate at the end.
 * @typedef {(child: string) => object} Refused
 * @type {{ when: string, first: (gate: string) => object[], then: Refused, says: RegExp, held?: true, open?: true }[]}
 */
const CASES = [
  {
    when: "a running session is called by its alias",
    held: true,
    open: true,
    first: (gate) => [later("explorer", "Look", [{ gate, say: "SECRET=fig" }])],
    then: () => task("explorer", "Look again", recall, "exp-1"),
    says: /^Task exp-1 is still running and cannot be resumed or amended with task\(\)/,
  },
  {
    when: "a running session is called by its id",
    held: true,
    open: true,
    first: (gate) => [later("explorer", "Look", [{ gate, say: "SECRET=fig" }])],
    then: (child) => task("explorer", "Look again", recall, child),
    says: /^Task \S+ is still running and cannot be resumed or amended with task\(\)/,
  },
  {
    when: "a session with an open result is called by its alias",
    first: () => [task("explorer", "Look", secret("fig"))],
    then: () => task("explorer", "Look again", recall, "exp-1"),
    says: /^exp-1 \/ \S+: completed, unreconciled; task\(\) cannot resume until acknowledgement/,
  },
  {
    when: "a session with an open result is called by its id",
    first: () => [task("explorer", "Look", secret("fig"))],
    then: (child) => task("explorer", "Look again", recall, child),
    says: /^exp-1 \/ \S+: completed, unreconciled; task\(\) cannot resume until acknowledgement/,
  },
  {
    when: "the end of a cancelled session is open",
    held: true,
    first: (gate) => [later("explorer", "Look", [{ gate, say: "SECRET=fig" }]), { gate: reached(gate), ...use("task_cancel", { task_id: "exp-1" }) }],
    then: () => task("explorer", "Look again", recall, "exp-1"),
    says: /^exp-1 \/ \S+: (cancelled|error), unreconciled; task\(\) cannot resume until acknowledgement/,
  },
  {
    when: "a new call has the objective of an open result",
    first: () => [task("explorer", "Look", secret("fig"))],
    then: () => task("explorer", "look", recall),
    says: /^A background task with the same objective already finished and its result is awaiting acknowledgment: exp-1/,
  },
]

/**
 * Plays a case, and returns the refusal as the model reads it, and the sessions and prompts. Slim repeats the task_id that it
 * gets, which is always the id with us.
 * @param {import("./world.js").World} world
 * @param {(typeof CASES)[number]} played
 * @param {number} hang
 */
async function refusal({ host, model, say, asked, requests, hears, children }, { first, then, held, open }, hang) {
  const root = await host.session()
  // The first result has the id of the child.
  const call = { hang, ...then(FIRST_ID) }
  const said = say(root, ...first(root), held ? { gate: reached(root), ...call } : call)
  if (held) {
    await model.reached(root)
    model.open(reached(root))
  }
  await said
  const read = plain(String(requests(root).at(-1)?.body.messages.filter(({ role }) => role === "tool").at(-1)?.content))
  const [child] = await children(root)
  const prompts = await asked(child.id)
  const counts = { children: (await children(root)).length, prompts: prompts.length, asked: requests(child.id).length }
  if (open) {
    model.open(root)
    await hears(root, 1)
  }
  // Slim takes a cancelled session for cancelled or for failed, depending on the first event, also alone.
  const text = read.replaceAll(child.id, "IT").replaceAll("exp-1", "IT").replace(": error, unreconciled", ": cancelled, unreconciled")
  return { read, text, counts }
}

describe("A call that slim refuses", { skip: MISSING }, () => {
  for (const played of CASES) {
    it(`Slim refuses a call, and the model reads the same as with slim alone, if ${played.when}`, async () => {
      const [withUs, alone] = await Promise.all([WITH_US, ALONE].map(async (plugin) => {
        const at = await world(plugin)
        // A running session is refused at any moment.
        return played.open ? refusal(at, played, MOMENTS[0]) : inTime((hang) => refusal(at, played, hang), ({ read }) => read)
      }))
      assert.match(alone.read, played.says)
      assert.equal(withUs.text, alone.text)
      for (const { counts } of [withUs, alone]) assert.deepEqual(counts, { children: 1, prompts: 1, asked: 1 })
    })
  }
})

describe("A name that slim refuses", () => {
  test("Slim refuses the name of a running session", async ({ host, model, say, requests, hears, children }) => {
    const root = await host.session()
    await say(root, later("explorer", "Look", [{ gate: root, say: "SECRET=fig" }], "the-one"))
    await model.reached(root)
    const [{ id }] = await children(root)
    assert.match(await say(root, task("explorer", "Look again", recall, "the-one")), /^Task \S+ is still running and cannot be resumed or amended with task\(\)/)
    assert.equal(requests(id).length, 1)
    assert.equal((await children(root)).length, 1)
    model.open(root)
    await hears(root, 1)
  })

  test("Slim refuses the name of a session with an open result", async ({ host, say, requests, children }) => {
    const { root, result } = await inTime(async (hang) => {
      const root = await host.session()
      return { root, result: await say(root, task("explorer", "Look", secret("fig"), "the-one"), { hang, ...task("explorer", "Look again", recall, "the-one") }) }
    }, ({ result }) => result.replace(/^[^]*?<\/(task|subagent)>/, ""))
    assert.match(result, /\nexp-1 \/ \S+: completed, unreconciled; task\(\) cannot resume until acknowledgement/)
    assert.equal(requests(idIn(result)).length, 1)
    assert.equal((await children(root)).length, 1)
  })
})

describe("A refused session", () => {
  test("A refused session can be resumed after slim has acknowledged it", async ({ host, say, settle, children }) => {
    const root = await host.session()
    const first = await say(root, task("explorer", "Look", secret("fig"), "the-one"), { hang: MOMENTS[0], ...task("explorer", "Look again", recall, "the-one") })
    assert.doesNotMatch(first, /recalled/)
    await settle(root)
    assert.match(await say(root, task("explorer", "Look again", recall, "the-one")), /recalled fig/)
    assert.equal((await children(root)).length, 1)
  })
})
