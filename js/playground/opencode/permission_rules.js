// OpenCode's permissions: rules in order. The last matching rule decides.

/**
 * @typedef {{ permission: string, pattern: string, action: "allow" | "ask" | "deny" }} Rule
 */

/** The rules of an agent without any configuration. @type {Rule[]} */
export const DEFAULTS = [{ permission: "*", pattern: "*", action: "allow" }]

/** @param {string} text @param {string} pattern */
function matches(text, pattern) {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")
  return new RegExp(`^${source}$`, "s").test(text)
}

/**
 * @param {Rule[]} rules
 * @param {string} permission
 * @param {string} pattern
 * @returns {Rule["action"]}
 */
export function evaluate(rules, permission, pattern) {
  const found = rules.findLast((rule) => matches(permission, rule.permission) && matches(pattern, rule.pattern))
  return found?.action ?? "ask"
}

/** Whether the model is not offered a tool at all. @param {Rule[]} rules @param {string} tool */
export function isHidden(rules, tool) {
  const found = rules.findLast((rule) => matches(tool, rule.permission))
  return found?.pattern === "*" && found.action === "deny"
}

/** The rules of a `permission` field in opencode.json. @param {unknown} given @returns {Rule[]} */
export function rulesOf(given) {
  if (typeof given === "string") return [{ permission: "*", pattern: "*", action: /** @type {any} */ (given) }]
  return Object.entries(/** @type {Record<string, any>} */ (given ?? {})).flatMap(([permission, value]) =>
    typeof value === "string"
      ? [{ permission, pattern: "*", action: /** @type {any} */ (value) }]
      : Object.entries(value).map(([pattern, action]) => ({ permission, pattern, action: /** @type {any} */ (action) })),
  )
}
