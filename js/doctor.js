#!/usr/bin/env node
// The command of package.json's `bin`: `npx opencode-delegate doctor`.

import { main } from "./doctor/index.js"

process.exitCode = await main(process.argv.slice(2), (text) => console.log(text))
