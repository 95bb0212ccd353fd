//! The whole state of an engine as text, and back.

use crate::engine::Engine;
use crate::error::{Code, DelegateError, Wrong};
use crate::json::{Field, Read, hex, read};
use crate::names::root_digest;
use crate::protocol::Decision;
use crate::state::Desk;
use crate::state::Registry;
use crate::state::Saved;
use crate::state::Ticket;
use serde::Serialize;
use std::sync::Arc;

/// What stands around the sum of a state's text, before the state: no change to the text goes unseen.
const HEAD: (&str, &str) = ("{\"v\":1,\"sum\":\"", "\",\"state\":");
const SUM_DIGITS: usize = 16;

#[derive(Serialize)]
struct State<'a> {
    next_ticket: u32,
    /// Each after its parent.
    sessions: Vec<Saved>,
    tickets: Vec<(u32, &'a Ticket)>,
    /// The oldest first.
    calls: Vec<(String, &'a Decision)>,
    buried: Vec<&'a str>,
    unnamed: Vec<&'a str>,
    desk: &'a Desk,
    said_foreign: bool,
}

impl Engine {
    /// Gives the whole state as versioned JSON. The configuration is not part of it.
    pub fn snapshot(&self) -> String {
        let registry = &self.registry;
        let roots = registry.roots().into_iter();
        let tickets = registry.tickets.open.iter();
        let state = State {
            next_ticket: registry.tickets.next,
            sessions: roots
                .flat_map(|root| registry.below(root))
                .map(|at| registry.save(at))
                .collect(),
            tickets: tickets.map(|(number, ticket)| (*number, ticket)).collect(),
            calls: registry
                .calls
                .list()
                .map(|(key, decision)| (hex(key), &**decision))
                .collect(),
            buried: registry.burials.iter().map(|id| &**id).collect(),
            unnamed: registry
                .unnamed
                .iter()
                .map(|at| &*registry.node(*at).id)
                .collect(),
            desk: &registry.desk,
            said_foreign: self.said_foreign,
        };
        // None of these types can fail to be written: their keys are text, their numbers finite.
        let state = serde_json::to_string(&state).unwrap_or_default();
        [HEAD.0, &sum(&state), HEAD.1, &state, "}"].concat()
    }

    /// Makes an engine of a snapshot and a configuration.
    ///
    /// ```
    /// use opencode_delegate::Engine;
    /// let engine = Engine::new("{}")?;
    /// assert_eq!(Engine::restore(&engine.snapshot(), "{}")?.snapshot(), engine.snapshot());
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    ///
    /// # Errors
    /// `corrupt_snapshot` for a text that is not a whole snapshot of this version, to the byte;
    /// `invalid_config` as [`Engine::new`].
    pub fn restore(snapshot: &str, config: &str) -> Result<Engine, DelegateError> {
        let mut engine = Engine::new(config)?;
        engine.load(snapshot)?;
        Ok(engine)
    }

    /// Takes the state of a snapshot.
    pub(crate) fn load(&mut self, snapshot: &str) -> Result<(), DelegateError> {
        let state = open(snapshot)?;
        (self.registry, self.said_foreign) = read(state, Code::CorruptSnapshot, |state| {
            Ok((registry(&state)?, state.must("said_foreign")?.flag()?))
        })?;
        Ok(())
    }
}

/// The text of the state in a snapshot, if it is whole.
fn open(snapshot: &str) -> Result<&str, DelegateError> {
    let rest = snapshot
        .strip_prefix(HEAD.0)
        .ok_or_else(|| DelegateError::corrupt("it is not of this version"))?;
    let sum_and_state = || {
        let state = rest
            .get(SUM_DIGITS..)?
            .strip_prefix(HEAD.1)?
            .strip_suffix('}')?;
        rest.get(..SUM_DIGITS)
            .filter(|written| *written == sum(state))
            .map(|_| state)
    };
    sum_and_state().ok_or_else(|| DelegateError::corrupt("it is cut short or changed"))
}

fn registry(state: &Field<'_>) -> Result<Registry, Wrong> {
    let mut registry = Registry::default();
    let sessions = state.must("sessions")?;
    let sessions: Vec<Saved> = sessions.list()?.map(Saved::of).collect::<Result<_, _>>()?;
    for saved in &sessions {
        registry.load(saved);
    }
    for id in state.must("unnamed")?.list()? {
        let unnamed = registry.find(id.text()?);
        registry.unnamed.extend(unnamed);
    }
    registry.tickets.next = state.must("next_ticket")?.count()?;
    for pair in state.must("tickets")?.list()? {
        let (number, ticket) = pair.pair()?;
        let (number, ticket) = (number.count()?, Ticket::of(ticket)?);
        registry.hold_for(number, &ticket);
        registry.tickets.insert(number, ticket);
    }
    for pair in state.must("calls")?.list()? {
        let (key, call) = pair.pair()?;
        registry
            .calls
            .keep(key.hex()?, Arc::new(Decision::of(call)?));
    }
    registry.desk = Desk::of(state.must("desk")?)?;
    for id in state.must("buried")?.list()? {
        registry.bury(id.text()?.into());
    }
    Ok(registry)
}

fn sum(state: &str) -> String {
    root_digest(state).chars().take(SUM_DIGITS).collect()
}
