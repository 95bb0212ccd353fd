// The plugin with names of its own, composed with this package's engine.

import { withDelegation } from "../../../js/compose.js"
import nicknames from "./nicknames.js"

export default withDelegation(nicknames)
