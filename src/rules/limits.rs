//! The limits of an engine: how much it remembers, lists and tries.

use crate::time::Millis;

/// How many candidates are listed.
pub const CANDIDATES: usize = 5;
/// How many sessions, the most recently used, are weighed to list candidates.
pub const WEIGHED: usize = 64;
/// How many sessions, the most recently used, are weighed to resume one that the call does not name.
pub const WEIGHED_TO_RESUME: usize = 8;
/// How many of a caller's most recently used sessions are looked at for those to weigh.
pub const LOOKED_AT: usize = 256;
/// How many other sessions of the agent, the youngest, show how rare a word is.
pub const OTHERS: usize = 8;
/// The least confidence, in thousandths, at which a new session's result names the session that is most likely meant.
pub const HINT: u32 = 500;
/// How many files a session is known to have touched; over that the first is forgotten.
pub const FILES: usize = 64;
/// How many bytes the paths of those files may have together.
pub const FILES_BYTES: usize = 4_096;
/// How many bytes of patterns and names are compared at the start to find rules on which the two precedences disagree.
pub const WARNED_BYTES: usize = 5_000_000;
/// How many sessions, the most recently used, stand in a text.
pub const LISTED: usize = 50;
/// How many sessions the line at the end of a run names; it counts the others.
pub const RUN: usize = 8;
/// How many characters a message for a running session may have.
pub const STEERING: usize = 4_000;
/// How many aliases a session may have; further ones are ignored.
pub const ALIASES: usize = 64;
/// How many sessions of other roots the messages of a session may name; over that the first named is forgotten.
pub const NAMED: usize = 256;
/// How many names a session may lose to others while its call is undone; over that the first is forgotten.
pub const FREED: usize = 64;
/// How many of a root's most recently used sessions are compared with a name that may be mistyped.
pub const NEAR_HANDLES: usize = 64;
/// How many deleted sessions are remembered, so that a late event brings none of them back.
pub const DELETED: usize = 4096;
/// How many calls may be open at once; over that the oldest counts as refunded.
pub const OPEN_TICKETS: usize = 4096;
/// How many decided calls are remembered; a host repeats a call at once or not at all.
pub const CALLS: usize = 1024;
/// How often a model is tried again, after the host's own tries, if no other model is left.
pub const RETRIES: u32 = 2;
/// The wait before the first such try, in milliseconds; each further one waits twice as long.
pub const BACKOFF_MS: Millis = 1_000;
/// How long after the last use of a session its record may be written, in milliseconds. The write counts as an update
/// in the host: an update that is no later says nothing about the session's use.
pub const RECORD_LAG_MS: Millis = 2_000;
/// How often a record that another process has stored is stored again, until the session changes here.
pub const MENDS: u8 = 16;
/// How many delivered tasks of a session are remembered by number.
pub const DELIVERED_TASKS: usize = 16;
/// How many messages that were chosen to carry a result are remembered: any of them may have.
pub const CARRIERS: usize = 16;
/// How many steps of a session are remembered by their messages, so that none counts twice.
pub const RECENT_STEPS: usize = 8;
/// How many questions for permission of a session are known; over that the first is forgotten.
pub const QUESTIONS: usize = 16;
