// Gives the collected tests another `node:test`.

const url = new URL("./collect.js", import.meta.url).href

/** @type {import("node:module").ResolveHook} */
export const resolve = async (specifier, context, next) => (specifier === "node:test" ? { url, shortCircuit: true } : next(specifier, context))
