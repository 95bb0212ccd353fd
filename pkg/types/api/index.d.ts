export { Engine } from "./engine.js";
export { DelegateError } from "./error.js";
export { classifyTaskID, deriveSessionID, isOwnTaskID, normalizeSlug } from "./names.js";
export { childDescription, contextTokens, holdsResult, isAnswered, mayHaveChildren, readAnswer, readError } from "./opencode1.js";
export { evaluatePermission, hostSettings, inheritedPermission, narrowedPermission, narrowedTools } from "./permissions.js";
export { recoveries, rules, transitions } from "./tables.js";
export * from "./types.js";
export { wording } from "./wording.js";
