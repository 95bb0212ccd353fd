// The demonstration in OpenCode 2.

process.env.EXECUTOR = "opencode2"
await import("./run.js")
