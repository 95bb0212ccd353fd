// A second, naive reading of names and permissions: the engine must agree with it on random questions.

import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { describe, it } from "node:test"
import { deriveSessionID, evaluatePermission, normalizeSlug } from "../../js/engine.js"

const QUESTIONS = Number(process.env.QUESTIONS ?? 20_000)

/** Numbers from 0 to 1 that a seed fixes. @param {number} seed */
function dice(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const random = dice(7)
const below = (/** @type {number} */ end) => Math.floor(random() * end)
/** @template T @param {readonly T[]} list @returns {T} */
const pick = (list) => list[below(list.length)]

/** Letters, digits, marks and signs of many scripts, some of which change their length in lower case. */
const LETTERS = [..."abcXYZ019_--- .,/!?äÖßİıΣσςжЁ日本ไทยअआ٣½²ⅷⅨ🎉e\u0301\u200b\u00a0ǅﬁ\t\n"]
const text = () => Array.from({ length: below(12) * (random() < 0.1 ? 9 : 1) }, () => pick(LETTERS)).join("")

/** Reads letter by letter. One hyphen replaces each run of other characters. @param {string} given */
function slugOf(given) {
  let slug = ""
  for (const letter of given.toLowerCase()) {
    if (/[\p{Alphabetic}\p{N}_-]/u.test(letter)) slug += letter
    else if (!slug.endsWith("\0")) slug += "\0"
  }
  slug = slug.replaceAll("\0", "-").replace(/^-+|-+$/g, "")
  return slug.length && [...slug].length <= 64 ? slug : undefined
}

/** Whether a text matches wildcards, tried letter by letter. @param {string[]} wild @param {string[]} given @returns {boolean} */
function matches([first, ...rest], given) {
  if (first === undefined) return !given.length
  if (first === "*") return matches(rest, given) || (given.length > 0 && matches([first, ...rest], given.slice(1)))
  return given.length > 0 && (first === "?" || first === given[0]) && matches(rest, given.slice(1))
}

/** How specific a pattern is: letters, then `?`, then few `*`. @param {string} pattern */
const specific = (pattern) => {
  const count = (/** @type {RegExp} */ of) => (pattern.match(of) ?? []).length
  return [count(/[^*?]/gu), count(/\?/g), -count(/\*/g)]
}

/** @typedef {{ permission: string, pattern: string, action: "allow" | "ask" | "deny" }} Rule */

/** @param {Rule[]} rules @param {string} permission @param {string} pattern @param {string} precedence */
function decided(rules, permission, pattern, precedence) {
  const fits = (/** @type {string} */ wild, /** @type {string} */ given) => matches([...wild], [...given])
  const matching = rules.filter((rule) => fits(rule.permission, permission) && fits(rule.pattern, pattern))
  if (precedence === "last_match") return matching.at(-1)?.action ?? "ask"
  let best = matching[0]
  for (const rule of matching.slice(1)) {
    const [one, other] = [rule, best].map((of) => [...specific(of.permission), ...specific(of.pattern)])
    const at = one.findIndex((number, index) => number !== other[index])
    if (at < 0 || one[at] > other[at]) best = rule
  }
  return best?.action ?? "ask"
}

describe("A naive reading of the rules", () => {
  it(`A naive reading gives the same names and, with Node's SHA-256, the same ids: ${QUESTIONS} texts`, () => {
    for (let asked = 0; asked < QUESTIONS; asked++) {
      const given = text()
      const slug = slugOf(given.normalize())
      assert.equal(normalizeSlug(given), slug, JSON.stringify(given))
      const root = `ses_${text()}`
      const digits = createHash("sha256").update(root).digest("hex").slice(0, 4)
      if (slug) assert.equal(deriveSessionID(root, slug), `ses_${digits}_${slug}`)
    }
  })

  it(`A naive reading gives the same permissions under both precedences: ${QUESTIONS} lists of rules`, () => {
    const word = () => Array.from({ length: below(5) }, () => pick(["a", "b", "*", "?", "ä", "/"])).join("")
    for (let asked = 0; asked < QUESTIONS; asked++) {
      const rules = Array.from({ length: below(7) }, () => ({ permission: word(), pattern: word(), action: pick(/** @type {const} */ (["allow", "ask", "deny"])) }))
      const [permission, pattern] = [word().replaceAll(/[*?]/g, "a"), word().replaceAll(/[*?]/g, "b")]
      for (const precedence of /** @type {const} */ (["most_specific", "last_match"])) {
        const given = JSON.stringify({ rules, permission, pattern, precedence })
        assert.equal(evaluatePermission(rules, permission, pattern, precedence), decided(rules, permission, pattern, precedence), given)
      }
    }
    console.log(`questions: ${QUESTIONS} names, ${QUESTIONS} lists of rules under both precedences, 0 differ`)
  })
})
