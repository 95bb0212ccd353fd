// This package's plugin in OpenCode 2, with each record of a session in a file too.

import plugin from "../../../../js/plugin.js"
import { recorded } from "./record.js"

export default recorded(plugin)
