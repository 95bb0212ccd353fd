//! The prompts and tasks that other processes left in a record, brought to the recovery table and carried out.

use crate::engine::Engine;
use crate::protocol::{Effect, Record};
use crate::rules::recovery_table::Step;
use crate::state::SessionKey;

impl Engine {
    /// Takes in the prompts and tasks of a session's record. `names` says that the record gave the session new names.
    pub(super) fn recover(
        &mut self,
        key: SessionKey,
        record: &Record,
        first: bool,
        names: bool,
        alive: Option<bool>,
    ) {
        if !first {
            self.registry.note_delivered_elsewhere(key, record);
        }
        let before = self.registry.last_task(key);
        let step = self.registry.met_record(key, record, first, alive);
        if matches!(step, Step::Orphan | Step::LeaveToProcess) {
            let remote = step == Step::LeaveToProcess;
            let lookups = self.registry.take_prompts(key, record, remote);
            let session_id = self.registry.id(key);
            self.acts
                .extend(lookups.into_iter().map(|lookup| Effect::Check {
                    session_id: session_id.clone(),
                    prompt_no: lookup.prompt_no,
                    attempt: lookup.attempt,
                    message_id: lookup.message_id,
                }));
        }
        let news = names || before != self.registry.last_task(key);
        let crossed = news && self.registry.has_asked(key);
        if !first && (crossed || self.registry.lacks(key, record)) {
            // Another process stored the record without something that this engine knows. Or this engine stored it
            // without something that the other one knew.
            self.registry.mend(key);
        }
    }
}
