// Gives the collected tests another `node:test`. The stand-in itself has Node's own, for its mocks.

const url = new URL("./collect.js", import.meta.url).href

/** @type {import("node:module").ResolveHook} */
export const resolve = async (specifier, context, next) => (specifier === "node:test" && context.parentURL !== url ? { url, shortCircuit: true } : next(specifier, context))
