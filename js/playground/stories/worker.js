// The worker that plays the stories, with the story's own time and chance.

import { server } from "../../opencode1/index.js"
import { init } from "../../web.js"
import { perform } from "./theatre.js"

/** The last story: stories share the worker's clock, so they play one after the other. @type {Promise<unknown>} */
let before = Promise.resolve()

addEventListener("message", ({ data: { module, id, play } }) => {
  before = before.then(() => init(module)).then(() => perform(play, /** @type {any} */ (server))).then(
    (played) => postMessage({ id, played }),
    (error) => postMessage({ id, error: String(error?.stack ?? error) }),
  )
})
