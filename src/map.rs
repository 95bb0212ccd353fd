//! The hash map of the engine.

use std::collections::{HashMap, HashSet};

/// Seeded alike everywhere: the engine draws no randomness. No result depends on its order.
pub(crate) type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;
pub(crate) type Set<K> = HashSet<K, foldhash::fast::FixedState>;
