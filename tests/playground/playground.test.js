// The playground, in one browser, and built once for all its tests.

import "./whole.js"
import "./decide.js"
import "./play.js"
import "./replay.js"
import "./exports.js"
