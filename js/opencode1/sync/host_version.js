// The version of OpenCode, and what a person must know of an old one.

/** The first version that takes tools without a Zod schema: an older one fails at each turn that has one. */
const TAKES_TOOLS = [1, 15, 0]

/** The first version that keeps the metadata of sessions, where the records stand. */
const KEEPS_METADATA = [1, 15, 13]

/** The first version of OpenCode with which names and budgets outlive the process. */
export const OLDEST = KEEPS_METADATA.join(".")

/** The notice for a person about a version that does not keep the metadata of sessions; none about any other. @param {string} version */
export function lossNotice(version) {
  if (!isOlder(version, KEEPS_METADATA)) return undefined
  return `OpenCode ${version} does not keep the metadata of sessions. The names and budgets of sessions end with this process. Update OpenCode to ${OLDEST} or later.`
}

/**
 * The version of OpenCode, asked once.
 */
export class HostVersion {
  #host
  #warn
  /** @type {Promise<string> | undefined} */
  #asked
  #said = false

  /** @param {Pick<import("../sdk/index.js").Host, "health">} host @param {(message: string) => void} warn shows a warning to a person */
  constructor(host, warn) {
    this.#host = host
    this.#warn = warn
  }

  /** The version; empty if OpenCode does not say it. */
  #version() {
    return (this.#asked ??= this.#host.health().then(({ version }) => version, () => ""))
  }

  /** Whether OpenCode takes this package's tools. */
  async takesTools() {
    return !isOlder(await this.#version(), TAKES_TOOLS)
  }

  /** Says once that OpenCode is too old to keep records. Nothing waits for it. */
  async check() {
    if (this.#said) return
    this.#said = true
    const notice = lossNotice(await this.#version())
    if (notice) this.#warn(notice)
  }
}

/** Whether a release is older than another. A build without a number, such as 0.0.0-dev, is not. @param {string} version @param {number[]} than */
function isOlder(version, than) {
  const numbers = /^([1-9]\d*)\.(\d+)\.(\d+)$/.exec(version)?.slice(1).map(Number)
  if (!numbers) return false
  const place = numbers.findIndex((number, index) => number !== than[index])
  return numbers[place] < than[place]
}
