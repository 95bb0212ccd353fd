// The moments of a story, in words.

/**
 * @typedef {import("../stories/index.js").Moment} Moment
 * @typedef {{ who: "user" | "host" | "engine" | "fault", text: string, more?: string }} Description
 */

/** The faults in words. @type {Record<string, string>} */
export const FAULTS = { fail: "The next first prompt fails", kill: "The process is killed", delete: "A child is deleted", reload: "The plugin is reloaded" }

/** The effects in words. @type {Record<string, string>} */
const EFFECTS = {
  create: "has a child created", send: "has the prompt sent", abort: "has the turn aborted", check: "has it looked up whether the prompt arrived",
  forget: "drops the stored prompt", wait: "takes up the prompt",
}

/**
 * @param {Moment} moment
 * @param {(id: string | undefined) => string} name returns the name of a session
 * @returns {Description}
 */
export function describe(moment, name) {
  const { kind, session, text, effect, decision, record, budget, used } = moment
  const it = name(session)
  if (kind === "user") return { who: "user", text: `“${text}”` }
  if (kind === "fault") return { who: "fault", text: moment.fault === "delete" ? `${session ? it : "No child"} is deleted` : FAULTS[moment.fault] }
  if (kind === "decide") {
    const { action, rule, reason, slug, sessionID, message, notice } = decision
    const spent = budget ? ` ${used} of ${budget} calls spent.` : ""
    const what = action === "deny" ? `denies ${it}'s call` : `decides: ${action} ${slug ?? name(sessionID)}`
    return { who: "engine", text: `${what} (${rule}).${spent}`, more: message ?? [reason, notice].filter(Boolean).join(" ") }
  }
  if (kind === "effect") {
    const what = effect === "retry" ? `has it tried again with model ${moment.model}${moment.after ? ` in ${moment.after / 1_000} s` : ""}` : effect === "deliver" ? `delivers the end: ${moment.state}` : EFFECTS[effect] ?? effect
    return { who: "engine", text: `${session ? `${it}: ` : ""}${what}` }
  }
  if (kind === "stored") return { who: "engine", text: `stores ${record.slug ?? it}: ${held(record)}` }
  if (kind === "budget") return { who: "engine", text: `${it} has its budget again: ${budget - used} of ${budget} calls` }
  return { who: "host", text: HOST[kind]?.(moment, it) ?? kind, more: kind === "called" || kind === "delivered" ? text : undefined }
}

/** @type {Record<string, (moment: Moment, it: string) => string>} */
const HOST = {
  boot: () => "OpenCode is up, with the plugin in it",
  reload: () => "OpenCode reloads its plugins",
  kill: () => "The process is gone, with all that it had in memory",
  created: ({ parent, agent }, it) => (parent ? `${it} is created for ${agent}` : "The conversation begins"),
  prompted: ({ text }, it) => `${it} is prompted${text ? `: ${text}` : ", to continue from its history"}`,
  begin: (_, it) => `${it} begins a turn`,
  end: ({ broken }, it) => (broken ? `${it} is broken off` : `${it} is idle`),
  model: ({ model }, it) => `${it} asks model ${model}`,
  fail: ({ model, message }, it) => `${it}: ${model} refuses: ${message}`,
  called: ({ status }, it) => (status === "error" ? `${it}'s call fails` : `${it} reads the result`),
  delivered: (_, it) => `${it} gets a background result`,
  deleted: (_, it) => `${it} is gone`,
  said: ({ text }) => text,
  trouble: ({ text }) => text,
}

/** The content of a record. @param {any} record */
function held({ slug, budget, used, tokens, prompt, tasks = [] }) {
  const all = [
    prompt ? "the prompt, until it is accepted" : "",
    slug ? "the name" : "",
    budget ? `${used} of ${budget} calls` : "",
    tokens ? `${tokens} tokens` : "",
    tasks.length ? `background task ${tasks.at(-1).id ?? ""}` : "",
  ]
  return all.filter(Boolean).join(", ")
}
