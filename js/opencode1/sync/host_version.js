// The version of OpenCode, and what a person must know of an old one.

/** The first version that keeps the metadata of sessions, where the records stand. */
const KEEPS_METADATA = [1, 15, 13]

/**
 * Says once that OpenCode is too old to keep records.
 */
export class HostVersion {
  #host
  #warn
  #checked = false

  /** @param {Pick<import("../sdk/index.js").Host, "health">} host @param {(message: string) => void} warn shows a warning to a person */
  constructor(host, warn) {
    this.#host = host
    this.#warn = warn
  }

  /** Checks the version at the first call. Nothing waits for it. */
  check() {
    if (this.#checked) return
    this.#checked = true
    this.#host.health().then(({ version }) => {
      if (!isOlder(version, KEEPS_METADATA)) return
      this.#warn(
        `OpenCode ${version} does not keep the metadata of sessions. The names and budgets of sessions end with this process. Update OpenCode to ${KEEPS_METADATA.join(".")} or later.`,
      )
    }, () => {})
  }
}

/** Whether a release is older than another. A build without a number, such as 0.0.0-dev, is not. @param {string} version @param {number[]} than */
function isOlder(version, than) {
  const numbers = /^([1-9]\d*)\.(\d+)\.(\d+)$/.exec(version)?.slice(1).map(Number)
  const place = numbers?.findIndex((number, index) => number !== than[index]) ?? -1
  return numbers !== undefined && place >= 0 && numbers[place] < than[place]
}
