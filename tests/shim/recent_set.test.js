// A set that remembers its latest members alone. Runs under Node and Bun.

import assert from "node:assert/strict"
import { it } from "node:test"
import { RecentSet } from "../../js/core/recent_set.js"

/** The members that are added to a set of at most two, and those that it remembers. @type {[string, string, string][]} */
const CASES = [
  ["A set remembers as many members as it may", "ab", "ab"],
  ["A set forgets its oldest member for a new one", "abc", "bc"],
  ["A set forgets each older member in turn", "abcde", "de"],
  ["A set forgets none for a member that it has", "aabb", "ab"],
  ["A set may take a forgotten member again", "abca", "ca"],
]
for (const [what, added, remembered] of CASES) {
  it(what, () => {
    const set = new RecentSet(2)
    for (const member of added) set.add(member)
    const known = [...new Set(added)].filter((member) => set.has(member))
    assert.deepEqual(known.sort(), [...remembered].sort())
    assert.equal(set.has("never added"), false)
  })
}
