//! Times.

/// A time in milliseconds since the epoch.
#[cfg_attr(target_arch = "wasm32", tsify::declare)]
pub type Millis = u64;
