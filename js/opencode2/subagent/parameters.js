// The parameters of the built-in tool `subagent`, which texts name as the model knows them.

/** The parameter that names the agent. */
export const AGENT = "agent"

/**
 * The denial of another agent's session in the words of OpenCode 2's tool: the engine names the parameter as OpenCode 1 does.
 * @param {string} message any text that a model reads
 */
export const inParameters = (message) => message.replace(/^(Session "[^"]*" belongs to agent "[^"]*", not to "[^"]*"\. Call it with )subagent_type(?= ")/, `$1${AGENT}`)
