// oh-my-opencode-slim alone, in the folder that OpenCode 2 takes for a plugin.

export { default } from "../../../../node_modules/oh-my-opencode-slim/dist/server/index.js"
