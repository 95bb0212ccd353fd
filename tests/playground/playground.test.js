// The playground, in one browser: built once for all of its tests.

import "./whole.js"
import "./decide.js"
import "./play.js"
import "./replay.js"
