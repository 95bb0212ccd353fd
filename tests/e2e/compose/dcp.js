// @tarquinen/opencode-dcp, composed with this package's engine in a user's own plugin file.

import dcp from "@tarquinen/opencode-dcp"
import { withDelegation } from "../../../js/compose.js"

export default { id: "dcp-with-delegation", server: withDelegation(dcp) }
