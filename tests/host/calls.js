// Requests to a host and the events that it sends.

import { setTimeout as sleep } from "node:timers/promises"
import { CALL_MS } from "./process.js"

/** @typedef {(method: string, path: string, body?: unknown, ms?: number) => Promise<any>} Api */
/**
 * @template Event
 * @typedef {{ list: Event[], wait(test: (event: Event) => unknown, ms?: number): Promise<Event>, stop(): void }} Events
 */

/** Calls a server with these headers. @param {() => string} url @param {Record<string, string>} headers @returns {Api} */
export function caller(url, headers) {
  return async (method, path, body, ms = CALL_MS) => {
    const response = await fetch(url() + path, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(ms),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }
}

/**
 * The events of a server, from now on.
 * @template {{ type: string }} Event
 * @param {string} url @param {Record<string, string>} headers
 * @returns {Promise<Events<Event>>}
 */
export async function follow(url, headers) {
  const stopped = new AbortController()
  const response = await fetch(url, { headers, signal: stopped.signal })
  /** @type {Event[]} */
  const list = []
  const read = async () => {
    let rest = ""
    for await (const text of /** @type {any} */ (response.body?.pipeThrough(new TextDecoderStream()))) {
      const lines = (rest + text).split("\n")
      rest = lines.pop() ?? ""
      for (const line of lines) if (line.startsWith("data: ")) list.push(JSON.parse(line.slice(6)))
    }
  }
  // The stream ends with the server. Its events stay in the list.
  read().catch(() => {})
  return {
    list,
    stop: () => stopped.abort(),
    async wait(test, ms = CALL_MS) {
      for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(10)) {
        const found = list.find(test)
        if (found) return found
      }
      throw new Error(`no such event within ${ms} ms; seen: ${[...new Set(list.map((event) => event.type))].join(", ")}`)
    },
  }
}
