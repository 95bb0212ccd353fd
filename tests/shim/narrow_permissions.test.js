// The limit of a resumed child, if others change its rules at the same time. Runs under Node and Bun.

import assert from "node:assert/strict"
import { it } from "node:test"
import "../../js/engine.js"
import { evaluatePermission } from "../../js/api.js"
import { narrowPermissions } from "../../js/opencode1/execute/narrow_permissions.js"

const rule = (/** @type {string} */ permission, /** @type {string} */ pattern, /** @type {"allow" | "deny"} */ action) => ({ permission, pattern, action })
const AGENT = [rule("*", "*", "allow")]
const PASSED = [rule("edit", "*", "deny"), rule("edit", "a.txt", "allow")]

/** A session whose rules another client changes after the first read. @param {ReturnType<typeof rule>[]} theirs @param {boolean} [replaced] whether all its rules are replaced */
function session(theirs, replaced) {
  let permission = [rule("bash", "*", "deny")]
  const host = {
    async session() {
      const read = { id: "ses_a", permission }
      permission = [...(replaced ? [] : permission), ...theirs]
      return read
    },
    async addPermission(/** @type {string} */ _, /** @type {ReturnType<typeof rule>[]} */ more) {
      permission = [...permission, ...more]
      return { id: "ses_a", permission }
    },
  }
  return { host: /** @type {any} */ (host), rules: () => permission }
}

it("A denial that another client adds meanwhile holds after the rules that are passed on", async () => {
  const { host, rules } = session([rule("edit", "a.txt", "deny"), rule("webfetch", "*", "allow")])
  await narrowPermissions(host, "ses_a", AGENT, PASSED)
  assert.deepEqual(rules().at(-1), rule("edit", "a.txt", "deny"))
})

it("A denial with which another client replaces the rules meanwhile holds after the rules that are passed on", async () => {
  const { host, rules } = session([rule("edit", "a.txt", "deny")], true)
  await narrowPermissions(host, "ses_a", AGENT, PASSED)
  assert.deepEqual(rules(), [rule("edit", "a.txt", "deny"), ...PASSED, rule("edit", "a.txt", "deny")])
})

it("An exception that another client sets meanwhile stays, and no other tool is allowed", async () => {
  const { host, rules } = session([rule("*", "*", "deny"), rule("read", "*", "allow")], true)
  await narrowPermissions(host, "ses_a", AGENT, PASSED)
  const actions = [["read", "a.txt"], ["edit", "a.txt"], ["edit", "b.txt"], ["bash", "ls"]].map(([permission, pattern]) => evaluatePermission(rules(), permission, pattern, "last_match"))
  assert.deepEqual(actions, ["allow", "deny", "deny", "deny"])
})

it("A session keeps its own exceptions, and its rules are changed once", async () => {
  const { host, rules } = session([])
  await host.session()
  await host.addPermission("ses_a", [rule("edit", "*", "deny"), rule("edit", "*", "allow")])
  const held = rules()
  for (const _ of ["once", "again"]) await narrowPermissions(host, "ses_a", AGENT, [rule("edit", "a.txt", "deny")])
  assert.deepEqual(rules(), [...held, rule("edit", "a.txt", "deny")])
})

it("A host that does not answer with the rules is asked nothing more", async () => {
  const asked = /** @type {any[]} */ ([])
  const host = /** @type {any} */ ({ session: async () => ({ id: "ses_a" }), addPermission: async (/** @type {any[]} */ ...given) => (asked.push(given), { id: "ses_a" }) })
  await narrowPermissions(host, "ses_a", AGENT, PASSED)
  assert.deepEqual(asked, [["ses_a", PASSED]])
})

it("Nothing is asked if nothing is passed on, and nothing is written if nothing is missing", async () => {
  const asked = /** @type {string[]} */ ([])
  const host = /** @type {any} */ ({ session: async () => (asked.push("session"), { permission: PASSED }), addPermission: async () => (asked.push("write"), {}) })
  await narrowPermissions(host, "ses_a", AGENT, [])
  assert.deepEqual(asked, [])
  await narrowPermissions(host, "ses_a", AGENT, PASSED)
  assert.deepEqual(asked, ["session"])
})

it("A session that nobody else changes gets the rules that are passed on, once", async () => {
  const { host, rules } = session([])
  for (const _ of ["once", "again"]) await narrowPermissions(host, "ses_a", AGENT, PASSED)
  assert.deepEqual(rules(), [rule("bash", "*", "deny"), ...PASSED])
})
