// The composed plugin in OpenCode 2, with each record of a session in a file too.

import plugin from "../../curious_composed.js"
import { recorded } from "../../../opencode2/recorded/record.js"

export default recorded(plugin)
