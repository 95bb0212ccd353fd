// The worker in which stories are played: time and chance of it are the story's.

import { server } from "../../opencode1/index.js"
import { init } from "../../web.js"
import { perform } from "./theatre.js"

/** One after the other: they share the worker's clock. @type {Promise<unknown>} */
let before = Promise.resolve()

addEventListener("message", ({ data: { module, id, play } }) => {
  before = before.then(() => init(module)).then(() => perform(play, /** @type {any} */ (server))).then(
    (played) => postMessage({ id, played }),
    (error) => postMessage({ id, error: String(error?.stack ?? error) }),
  )
})
