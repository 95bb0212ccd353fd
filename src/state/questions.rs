//! The questions for permission that sessions wait with.

use crate::rules::limits::QUESTIONS;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::time::Millis;

impl Registry {
    /// Takes in that a session asks for permission. A question that comes again is known.
    pub(crate) fn note_question(&mut self, key: SessionKey, request_id: &str, now: Millis) {
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        let questions = &mut entry.extra.get_or_insert_default().questions;
        if questions.iter().all(|(known, _)| *known != *request_id) {
            let over = (questions.len() + 1).saturating_sub(QUESTIONS);
            questions.drain(..over);
            questions.push((request_id.to_owned(), now));
        }
    }

    /// Takes in that a question was answered.
    pub(crate) fn end_question(&mut self, key: SessionKey, request_id: &str) {
        self.retain_questions(key, |known, _| *known != *request_id);
    }

    /// Takes in that a session asks nothing any more: its step or its turn is over.
    pub(crate) fn end_questions(&mut self, key: SessionKey) {
        self.retain_questions(key, |_, _| false);
    }

    /// Forgets the questions that are at least as old, and gives them.
    pub(crate) fn take_questions(&mut self, key: SessionKey, until: Millis) -> Vec<String> {
        let mut taken = Vec::new();
        self.retain_questions(key, |known, since| {
            let stays = since > until;
            if !stays {
                taken.push(known.to_owned());
            }
            stays
        });
        taken
    }

    /// When the oldest open question of a session was asked.
    pub(crate) fn oldest_question(&self, key: SessionKey) -> Option<Millis> {
        let extra = self.get(key)?.extra.as_ref()?;
        extra.questions.iter().map(|(_, since)| *since).min()
    }

    fn retain_questions(&mut self, key: SessionKey, mut stays: impl FnMut(&str, Millis) -> bool) {
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        entry.extra.take_if(|extra| {
            let questions = &mut extra.questions;
            questions.retain(|(known, since)| stays(known, *since));
            extra.is_empty()
        });
    }
}
