// A real OpenCode 2 with the scripted model, for a test.

import { startModel } from "../../host/model.js"
import { startHost } from "../../host/opencode2.js"
import { AGENTS } from "../fixture.js"

/** The server that the tests of this file share. It ends with the process. @type {Promise<import("../../host/opencode2.js").Host> | undefined} */
let shared

/**
 * Starts a host and a model that end with the test. The host is a project of its own in the server that the tests of the
 * file share. With `own` it is a server of its own, which the test can kill and restart.
 * @param {import("node:test").TestContext} t
 * @param {Partial<import("../../host/opencode2.js").Options> & { own?: boolean }} [setup]
 */
export async function boot(t, { config = {}, own = false, ...setup } = {}) {
  const model = await startModel()
  const project = { model, config: { agent: AGENTS, ...config }, ...setup }
  const starting = own ? startHost(project) : (shared ??= serve()).then((server) => server.project(project))
  const host = await starting.catch(async (error) => {
    await model.close()
    throw error
  })
  t.after(async () => {
    await host.stop()
    await model.close()
  })
  return { model, host }
}

/** A server without plugins, for projects. */
async function serve() {
  const server = await startHost({ model: { url: "http://127.0.0.1:9/v1" } })
  server.unref()
  return server
}
