//! Times.

/// A time in milliseconds since the epoch.
pub type Millis = u64;
