// The Chromium of this machine, for tests.

import { existsSync } from "node:fs"
import { chromium } from "playwright-core"

const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
const PATHS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"]

/** Starts Chromium. The caller closes it. */
export async function launch() {
  const executablePath = PATHS.find((path) => path && existsSync(path))
  if (!executablePath) throw new Error("These tests need Chromium: install it (apt-get install chromium), or give its path as CHROMIUM.")
  return chromium.launch({ executablePath, args: ARGS })
}
