// The small tools beside the delegation tool: they show sessions, read their answers, steer them and end their prompts.

import { TOOL_DESCRIPTIONS, delegateCancel, delegateListTitle, delegateOutput, noSession, reloaded } from "./texts/index.js"

/**
 * @typedef {Parameters<typeof delegateOutput>[2]} LastAnswer
 *
 * A tool as both hosts can offer it. `args` holds the JSON schema of each parameter; `required` names those that a call must give. `run`
 * gets the calling session.
 * @typedef {{
 *   description: string, args: Record<string, { type: string, description: string, enum?: string[] }>, required: string[],
 *   run: (args: any, callerID: string) => Promise<{ title: string, output: string, sessionID?: string }>
 * }} SessionTool
 */

/**
 * @param {{
 *   sync: import("./engine_sync.js").EngineSync,
 *   lastAnswer: (sessionID: string) => Promise<LastAnswer>,
 *   steer: (message: import("../api.js").SendSteering) => Promise<void>,
 *   cancel: (sessionID: string, callerID: string) => Promise<number> | number,
 * }} parts `steer` puts a message into a session without beginning a turn; `cancel` ends the prompts of a session, and gives their number
 * @returns {Record<"delegate_output" | "delegate_steer" | "delegate_cancel" | "delegate_list", SessionTool>}
 */
export function sessionTools({ sync, lastAnswer, steer, cancel }) {
  const task_id = { type: "string", description: TOOL_DESCRIPTIONS.task_id }

  /** A closed instance knows its sessions no more: its answer would be wrong. */
  const checkOpen = () => {
    if (sync.closed) throw new Error(reloaded())
  }

  /** @param {string} task_id @param {string} callerID */
  const find = async (task_id, callerID) => {
    const session = await sync.resolve({ sessionID: callerID, task_id })
    checkOpen()
    if (session?.parentID) {
      // The caller reads its name: a process that dies must not take that along.
      await sync.whenStored(session.id)
      return { ...session, slug: sync.nameFor(session.id, callerID) }
    }
    throw new Error(noSession(task_id, sync.resumable(callerID), sync.lists))
  }

  return {
    delegate_output: {
      description: TOOL_DESCRIPTIONS.delegate_output,
      args: { task_id },
      required: ["task_id"],
      async run({ task_id }, callerID) {
        const session = await find(task_id, callerID)
        const { id, slug } = session
        return { title: slug, output: delegateOutput(session, slug, await lastAnswer(id)), sessionID: id }
      },
    },

    delegate_steer: {
      description: TOOL_DESCRIPTIONS.delegate_steer,
      args: { task_id, message: { type: "string", description: TOOL_DESCRIPTIONS.message } },
      required: ["task_id", "message"],
      async run({ task_id, message }, callerID) {
        const { id, slug } = await find(task_id, callerID)
        return { title: slug, output: await steerSession({ sync, steer }, { sessionID: callerID, task_id, message }), sessionID: id }
      },
    },

    delegate_cancel: {
      description: TOOL_DESCRIPTIONS.delegate_cancel,
      args: { task_id },
      required: ["task_id"],
      async run({ task_id }, callerID) {
        const session = await find(task_id, callerID)
        const { id, slug } = session
        return { title: slug, output: delegateCancel(session, slug, await cancel(id, callerID)), sessionID: id }
      },
    },

    delegate_list: {
      description: TOOL_DESCRIPTIONS.delegate_list,
      args: {
        agent: { type: "string", description: TOOL_DESCRIPTIONS.agent },
        state: { type: "string", description: TOOL_DESCRIPTIONS.state },
        page: { type: "integer", description: TOOL_DESCRIPTIONS.page },
        format: { type: "string", enum: ["table", "mermaid"], description: TOOL_DESCRIPTIONS.format },
      },
      required: [],
      async run({ agent, state, page, format }, callerID) {
        await sync.load(callerID)
        checkOpen()
        const title = delegateListTitle(sync.visible(callerID).slice(1).length)
        // Some models give each parameter, and leave empty what they do not mean.
        return { title, output: sync.list(callerID, { mermaid: format === "mermaid", agent: agent || undefined, state: state || undefined, page: page ?? undefined }) }
      },
    },
  }
}

/**
 * Gives a running session a message, if the engine lets it. Its caller reads what became of it.
 * @param {Pick<Parameters<typeof sessionTools>[0], "sync" | "steer">} parts
 * @param {{ sessionID: string, task_id: string, message: string }} given `sessionID`: the caller's
 */
export async function steerSession({ sync, steer }, given) {
  const steering = sync.steer(given)
  if (steering.action === "refuse") return steering.message
  await steer(steering)
  return steering.answer
}

/**
 * How many prompts, waiting calls and turns a cancellation has ended, without the turn of the session itself if it had no prompt.
 * @param {import("../api.js").Effect[]} effects of the event
 * @param {string} sessionID
 * @param {number} [waiting] the number of the calls
 */
export function countEnded(effects, sessionID, waiting = 0) {
  const ended = effects.flatMap((effect) => (effect.type === "forget" ? [effect.sessionID] : []))
  const aborted = effects.filter((effect) => effect.type === "abort" && effect.sessionID !== sessionID && !ended.includes(effect.sessionID))
  const others = ended.length + aborted.length + waiting
  const own = effects.some((effect) => effect.type === "abort" && effect.sessionID === sessionID) && !ended.includes(sessionID)
  return others && own ? others + 1 : others
}
