// The face of the texts: all that models and people read of a delegation, beside the engine's own sentences.

export { count } from "./listing.js"
export { BACKGROUND_GUIDE, PARAMETERS, TASK_DESCRIPTION, TASK_ID_GUIDE, TOOL_GUIDE, summaryGuide } from "./guides.js"
export { UNLOADED, denial, failure, ignoredName, resumeHint, undecided, undecidedSubagent } from "./refusals.js"
export { ended, output, started, title, verdict } from "./results.js"
export { diagram, table } from "./session_tree.js"
