// The plugin with a task tool of its own, composed with this package's engine.

import { withDelegation } from "../../../js/compose.js"
import handmade from "./handmade.js"

export default withDelegation(handmade)
