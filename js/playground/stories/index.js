// The face of the stories for the page. The worker that plays them is a program of its own: worker.js.

/**
 * @typedef {import("./theatre.js").Fault} Fault
 * @typedef {import("./theatre.js").Moment} Moment
 * @typedef {import("./theatre.js").Played} Played
 */

export { STORIES, storyOf } from "./stories.js"
