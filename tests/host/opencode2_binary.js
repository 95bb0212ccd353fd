// Where the binary of OpenCode 2 is. This module starts nothing and handles no signal.

import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const BINARY = fileURLToPath(new URL("../e2e/opencode2/node_modules/shuvcode-linux-x64-baseline/bin/shuvcode", import.meta.url))

/** Why OpenCode 2 cannot run here, for the `skip` of a test: `false` if it can. */
export const MISSING = existsSync(BINARY) ? false : "OpenCode 2 is not installed: node tests/setup.js --opencode2 does it on Linux x64"
