// The curious plugin, composed with this package's engine.

import { withDelegation } from "../../../js/compose.js"
import curious from "./curious.js"

export default withDelegation(curious)
