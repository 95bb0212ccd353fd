// oh-my-opencode-slim alone, in a folder: OpenCode 2 takes nothing else for a plugin.

const { href } = new URL("../../../../node_modules/oh-my-opencode-slim/dist/server/index.js", import.meta.url)

export default (await import(href)).default
