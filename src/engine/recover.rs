//! The prompts and tasks that other processes left in a record, brought to the recovery table and carried out.

use crate::engine::Engine;
use crate::protocol::{Effect, Record};
use crate::rules::recovery_table::Step;
use crate::state::{Owners, SessionKey};

impl Engine {
    /// Takes in the prompts and tasks of a session's record. `names` says that the record gave the session new names.
    pub(super) fn recover(
        &mut self,
        key: SessionKey,
        record: &Record,
        first: bool,
        names: bool,
        owners: &Owners,
    ) {
        if !first {
            self.registry.note_delivered_elsewhere(key, record, owners);
        }
        let before = self.registry.last_task(key);
        let step = self.registry.met_record(key, record, first, owners);
        let lookups = match step {
            Step::LeaveToProcess => self.registry.take_prompts(key, record, owners, true),
            Step::Orphan => self.registry.take_prompts(key, record, owners, false),
            Step::OrphanAbandoned => self.registry.orphan_abandoned(key, owners),
            _ => Vec::new(),
        };
        if !lookups.is_empty() {
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
        if !first && (crossed || self.registry.lacks(key, record, owners)) {
            // Another process stored the record without something that this engine knows. Or this engine stored it
            // without something that the other one knew.
            self.registry.mend(key);
        }
    }
}
