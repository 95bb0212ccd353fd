// The curious plugin in OpenCode 2, composed with an engine that has a wrong option.

import { withDelegation } from "../../../../../js/compose.js"
import curious from "../../curious.js"

export default withDelegation(curious, { max_depth: -1 })
