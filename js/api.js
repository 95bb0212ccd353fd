// The typed API over the wasm, whichever way it was loaded. Objects cross as JSON text.

export * from "./api/index.js"
