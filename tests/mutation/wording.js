// What Stryker is not to change: sentences. How something is said to a model or a person is no behaviour that a test must
// notice; names, keys, patterns and every other text are.

const SENTENCE = /\p{L}[,.;:]? [\p{L}"(]/u
const PLAIN = new Set(["Identifier", "MemberExpression", "CallExpression"])

/** @param {any} path Babel's of a node @returns {string | undefined} why it is not to be changed */
function shouldIgnore({ node }) {
  const why = "a sentence"
  if (node.type === "StringLiteral") return SENTENCE.test(node.value) ? why : undefined
  // What decides between texts within one is not wording.
  if (node.type !== "TemplateLiteral" || !node.expressions.every((/** @type {any} */ { type }) => PLAIN.has(type))) return undefined
  return node.quasis.some((/** @type {any} */ { value }) => SENTENCE.test(value.cooked)) ? why : undefined
}

export const strykerPlugins = [{ kind: "Ignore", name: "wording", value: { shouldIgnore } }]
