// A plugin of OpenCode 1 that is loaded by its name, and says what it was given.

/** @param {unknown} input */
export default async (input) => ({ given: input, tool: { hand_over: { description: "Hands over", args: {}, execute: async () => "Refused" } } })
