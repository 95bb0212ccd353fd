// The face of the texts: all that models and people read of a delegation. The engine writes them, but for the guides.

export { BACKGROUND_GUIDE, LIMITS_PARAMETER, PARAMETERS, TASK_DESCRIPTION, TASK_ID_GUIDE, TOOL_DESCRIPTIONS, TOOL_GUIDE, modelGuide, summaryGuide, taskIDGuide, toolGuide } from "./guides.js"
export { besidePlugin, callEnded, callerEnded, denial, engineLost, failure, goOn, ignoredName, noAnswer, notSummarised, otherTool, reloaded, resumeHint, sessionGone, twoSessions, undecided, undecidedSubagent, waited } from "./refusals.js"
export { childTitle, ended, endedBelow, failed, output, runLine, started, subagentOutput, title, verdict } from "./results.js"
export { delegateCancel, delegateListTitle, delegateOutput, noSession } from "./tools.js"
