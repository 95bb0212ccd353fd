// The call into the wasm: after a trap the module is made again, and each engine of the earlier making is lost.

import * as wasm from "../../pkg/opencode_delegate.js"
import { DelegateError } from "./error.js"

/** How often the module was made again: an engine is of one making. */
export let making = 0

/**
 * Calls into the wasm. An error of the engine becomes a DelegateError.
 * @template T
 * @param {() => T} work
 * @param {number} [made] the making that the call needs: none if it needs no engine
 * @returns {T}
 */
export function call(work, made) {
  if (made !== undefined && made !== making) throw lost()
  for (let again = made === undefined; ; again = false) {
    try {
      return work()
    } catch (error) {
      if (typeof error === "string") throw new DelegateError(JSON.parse(error))
      if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error
      // A trap leaves the memory in any state: the module is made again at once, before any argument is put into it.
      making++
      wasm.reinit()
      wasm.ready()
      // A call that needs no engine may have met the memory of an earlier trap.
      if (!again) throw lost(error)
    }
  }
}

/** @param {unknown} [cause] */
function lost(cause) {
  const message = "The engine trapped and is lost. Make a new one and hydrate it from the host."
  return new DelegateError({ code: "engine_trap", message }, cause)
}
