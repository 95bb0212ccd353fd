//! A session as the engine knows it.

use crate::json::share;
use crate::protocol::prompt::PromptState;
use crate::protocol::spent::Spent;
use crate::protocol::task::Task;
use crate::shape::shape;
use crate::time::Millis;
use crate::words::words;
use std::sync::Arc;

words! {
    /// The status of a session.
    #[derive(PartialOrd, Ord)]
    pub enum Status: Idle {
        /// A turn is running.
        Busy = "busy",
        /// A turn is running, and the host retries the model.
        Retry = "retry",
        /// No turn is running: control is with its caller.
        Idle = "idle",
    }
}

shape! {
    /// A session as the engine knows it.
    #[derive(Clone, Debug, PartialEq)]
    pub write struct Session {
        /// The host's id.
        id: Arc<str> => must,
        /// The session that it is a child of; none for a root.
        parent_id "parentID": Option<Arc<str>> => maybe,
        /// The topmost session above it; a root is its own.
        root_id "rootID": Arc<str> => must,
        /// How far below its root: 0 for a root.
        depth: u32 => must,
        /// The agent that it was spawned for.
        agent: Option<Arc<str>> => maybe,
        /// Its task in a few words.
        description: Arc<str> => must,
        /// Its name.
        slug: Option<Arc<str>> => maybe,
        /// The id derived from its name.
        derived_id "derivedID": Option<Arc<str>> => maybe,
        /// Its status.
        status: Status => must,
        /// When it was last used, in milliseconds since the epoch.
        last_used "lastUsed": Millis => must,
        /// The context in use, in tokens.
        tokens: u64 => must,
        /// The model's window, in tokens; 0 if it is not known.
        window: u64 => must,
        /// All that its own models used so far, as the host counts it; absent if that is nothing, or the host does not say.
        spent: Option<Spent> => maybe,
        /// All that the sessions below it used so far.
        spent_below "spentBelow": Option<Spent> => maybe,
        /// Sentences about its answer, if a limit ended its last prompt.
        limit: Option<String> => maybe,
        /// Whether it waits for a person who may permit a tool.
        asks: bool => empty,
        /// The calls that it may make for one delegation to it; none for a root.
        budget: Option<u32> => maybe,
        /// The calls of that budget that are spent.
        used: u32 => must,
        /// How often a call resumed it; absent if none did.
        resumed: u32 => empty,
        /// The context that it held at these calls, in tokens, added up: what a new session would have had to read again.
        saved: u64 => empty,
        /// The state of the prompt that it runs, or is to run next.
        prompt: Option<PromptState> => maybe,
        /// How many prompts wait behind that one; absent if none does.
        waiting: usize => empty,
        /// Its last background task.
        task: Option<Task> => maybe,
    }
}

shape! {
    /// A session that a request could have resumed.
    #[derive(Clone, Debug, PartialEq)]
    pub read struct Candidate {
        /// The host's id.
        session_id "sessionID": Arc<str> => must,
        /// Its name.
        slug: Option<Arc<str>> => given,
        /// Its agent.
        agent: Arc<str> => must,
        /// Its task in a few words.
        description: Arc<str> => must,
        /// How likely the request follows it up, 0 to 1 in thousandths; 0 for a session that was not weighed.
        confidence: f64 => must(share),
        /// When it was last used, in milliseconds since the epoch.
        last_used "lastUsed": Millis => must,
    }
}
