// The face of compose: other plugins, composed with this one.

export { compose, composedServer } from "./compose.js"
export { checkDescription } from "./description.js"
export { loadReported } from "./load.js"
export { OMO } from "./omo.js"
export { ORCHESTRATOR } from "./orchestrator.js"
export { composeSetup } from "./setup.js"
export { SLIM, SLIM_CALLS, SLIM_DESCRIPTION, TESTED, importForOpenCode2 } from "./slim.js"
