// Stryker does not change sentences. Their wording is no behaviour that a test must notice; names, keys, patterns and all other
// texts are.

const SENTENCE = /\p{L}[,.;:]? [\p{L}"(]/u
const PLAIN = new Set(["Identifier", "MemberExpression", "CallExpression"])

/** @param {any} path Babel's path of a node @returns {string | undefined} why it is not changed */
function shouldIgnore({ node }) {
  const why = "a sentence"
  if (node.type === "StringLiteral") return SENTENCE.test(node.value) ? why : undefined
  // An expression that chooses between texts is not wording.
  if (node.type !== "TemplateLiteral" || !node.expressions.every((/** @type {any} */ { type }) => PLAIN.has(type))) return undefined
  return node.quasis.some((/** @type {any} */ { value }) => SENTENCE.test(value.cooked)) ? why : undefined
}

export const strykerPlugins = [{ kind: "Ignore", name: "wording", value: { shouldIgnore } }]
