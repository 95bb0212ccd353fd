// Whether a text that a person types can be a name. The engine knows.

import { classifyTaskID, normalizeSlug } from "../engine.js"

/** The name that a text makes. @param {string} text */
export const slugOf = (text) => normalizeSlug(text) ?? ""

/** Why a text can be no name. @param {string} text @returns {string | undefined} */
export const faultOf = (text) => (classifyTaskID(text) === "name" ? undefined : "This can be no name. Use letters, digits and hyphens.")
