//! The whole state of an engine as text, and back.

use crate::engine::{Engine, EngineOptions};
use crate::error::{Code, DelegateError};
use crate::names::root_digest;
use crate::one_line::quotable;
use crate::parse::read;
use crate::state::Registry;
use serde::Serialize;
use xxhash_rust::xxh64::Xxh64;

/// The version of a snapshot's text.
const VERSION: &str = "3";
/// The version whose digest is a SHA-256, which takes ten times as long. The state's text is the same.
const SLOW_VERSION: &str = "2";
/// The text before the version.
const HEAD: &str = "{\"v\":";
/// The texts around the digest of the state's text. The digest reveals damage to that text.
const AROUND: (&str, &str) = (",\"sum\":\"", "\",\"state\":");
const SUM_DIGITS: usize = 16;

#[derive(Serialize)]
struct State<'a> {
    registry: &'a Registry,
    warned_unreadable: bool,
}

impl Engine {
    /// Gives the whole state as versioned JSON. The configuration and the options are not part of it.
    pub fn snapshot(&self) -> String {
        let state = State {
            registry: &self.registry,
            warned_unreadable: self.warned_unreadable,
        };
        // None of these types can fail to be written: their keys are text, their numbers finite.
        let state = serde_json::to_string(&state).unwrap_or_default();
        [HEAD, VERSION, AROUND.0, &sum(&state), AROUND.1, &state, "}"].concat()
    }

    /// Makes an engine of a snapshot and a configuration.
    ///
    /// A snapshot is for the process that took it: the prompts in it run on, and that process reports their ends. A new
    /// process makes a new engine instead, with another name, and reports each session with its stored record
    /// (`session.created`). The engine then has the prompts of the dead process looked up. If a snapshot is restored in a
    /// new process, each prompt that was to be sent keeps its session busy until the host reports that attempt as failed
    /// (`prompt.failed` with the failure `lost`).
    ///
    /// ```
    /// use opencode_delegate::Engine;
    /// let engine = Engine::new("{}")?;
    /// assert_eq!(Engine::restore(&engine.snapshot(), "{}")?.snapshot(), engine.snapshot());
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    ///
    /// # Errors
    /// `corrupt_snapshot` for a text that is not a whole snapshot of this version, to the byte; `invalid_config` as
    /// [`Engine::new`].
    pub fn restore(snapshot: &str, config: &str) -> Result<Engine, DelegateError> {
        Engine::restore_with(snapshot, config, EngineOptions::default())
    }

    /// Makes an engine of a snapshot and a configuration, with options as [`Engine::with`] takes them.
    ///
    /// # Errors
    /// As [`Engine::restore`].
    pub fn restore_with(
        snapshot: &str,
        config: &str,
        options: EngineOptions,
    ) -> Result<Engine, DelegateError> {
        let mut engine = Engine::with(config, options)?;
        let children_only = engine.registry.children_only;
        let state = open(snapshot)?;
        (engine.registry, engine.warned_unreadable) =
            read(state, Code::CorruptSnapshot, |state| {
                let registry = Registry::of(&state.must("registry")?)?;
                Ok((registry, state.must("warned_unreadable")?.flag()?))
            })?;
        engine.registry.children_only = children_only;
        Ok(engine)
    }
}

/// The text of the state in a snapshot, if it is whole.
fn open(snapshot: &str) -> Result<&str, DelegateError> {
    let rest = snapshot
        .strip_prefix(HEAD)
        .ok_or_else(|| DelegateError::corrupt("it does not begin like a snapshot"))?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (version, rest) = rest.split_at_checked(digits).unwrap_or_default();
    let digest = match version {
        VERSION => sum,
        SLOW_VERSION => slow_sum,
        _ => return Err(other_version(version)),
    };
    let whole = || {
        let rest = rest.strip_prefix(AROUND.0)?;
        let (written, rest) = rest.split_at_checked(SUM_DIGITS)?;
        let state = rest.strip_prefix(AROUND.1)?.strip_suffix('}')?;
        (written == digest(state)).then_some(state)
    };
    whole().ok_or_else(|| DelegateError::corrupt("it is incomplete or was changed"))
}

fn other_version(version: &str) -> DelegateError {
    DelegateError::corrupt(format!(
        "version {} wrote it, and this engine reads versions {SLOW_VERSION} and {VERSION}",
        if version.is_empty() {
            "?".into()
        } else {
            quotable(version)
        }
    ))
}

fn sum(state: &str) -> String {
    let mut digest = Xxh64::new(0);
    digest.update(state.as_bytes());
    format!("{:016x}", digest.digest())
}

fn slow_sum(state: &str) -> String {
    root_digest(state).chars().take(SUM_DIGITS).collect()
}
