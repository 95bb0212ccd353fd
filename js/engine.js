// The engine for JavaScript: the wasm inlined and ready when the module is.

import * as wasm from "../pkg/opencode_delegate.js"
import inline from "../pkg/opencode_delegate_inline.js"

wasm.initSync({ module: Uint8Array.from(atob(inline), (char) => char.charCodeAt(0)) })

export * from "./api.js"
