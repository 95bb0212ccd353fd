//! The delegations to sessions, and the calls that are charged to each.

use crate::protocol::Status;
use crate::rules::allowance::Allowance;
use crate::state::entry::Replaced;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::time::Millis;
use std::sync::Arc;

impl Registry {
    /// Notes that a caller, if it is given, or a person prompts a session: a delegation begins, with a full budget.
    /// `prompt_no` is a prompt that is not in the session yet.
    pub(crate) fn begin_delegation(
        &mut self,
        key: SessionKey,
        caller: Option<Arc<str>>,
        prompt_no: Option<u32>,
        now: Millis,
    ) {
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        let Some(allowance) = &mut entry.allowance else {
            return;
        };
        let activity = &mut entry.activity;
        let charged = prompt_no.filter(|_| allowance.is_charged());
        activity.replaced = charged.map(|prompt_no| {
            Box::new(Replaced {
                prompt_no,
                delegation: activity.delegation,
                delegated_at: activity.delegated_at,
                delegated_by: activity.delegated_by.clone(),
                joins: std::mem::take(&mut activity.joins),
                recovered: std::mem::take(&mut activity.recovered),
                allowance: *allowance,
            })
        });
        activity.delegation = activity.delegation.wrapping_add(1);
        activity.delegated_at = now;
        activity.answers = true;
        if caller.is_some() {
            activity.delegated_by = caller;
        }
        activity.joins.clear();
        activity.recovered.clear();
        if allowance.reset() {
            self.mark_later(key);
        }
    }

    /// Notes that the message of a prompt is in its session, or may still come: the delegation of the prompt stands.
    pub(crate) fn keep_delegation(&mut self, key: SessionKey, prompt_no: u32) {
        if let Some(entry) = self.get_mut(key) {
            let replaced = &mut entry.activity.replaced;
            replaced.take_if(|replaced| replaced.prompt_no == prompt_no);
        }
    }

    /// Notes that a prompt ended without being in its session: the delegation before it goes on. Calls that were charged
    /// to its own show that it was there.
    pub(super) fn resume_delegation(&mut self, key: SessionKey, prompt_no: u32) {
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        let activity = &mut entry.activity;
        let replaced = &mut activity.replaced;
        if let Some(before) = replaced.take_if(|replaced| replaced.prompt_no == prompt_no)
            && let Some(allowance) = entry.allowance.as_mut().filter(|it| !it.is_charged())
        {
            *allowance = before.allowance;
            activity.delegation = before.delegation;
            activity.delegated_at = before.delegated_at;
            activity.delegated_by = before.delegated_by;
            activity.joins = before.joins;
            activity.recovered = before.recovered;
            self.mark_later(key);
        }
    }

    /// Takes in a user message that neither the host nor a plugin made up. It begins a delegation, unless it is late, the
    /// message of a prompt here, or one that delivers a result.
    pub(crate) fn note_message(&mut self, key: SessionKey, message_id: &str, now: Millis) {
        let asked = self.get(key).is_some_and(|entry| {
            let prompts = entry.prompts.as_deref();
            let mut queue = prompts.into_iter().flat_map(|prompts| &prompts.queue);
            now <= entry.activity.delegated_at
                || queue.any(|prompt| prompt.message_id.as_deref() == Some(message_id))
        });
        if !asked && !self.carries(message_id) {
            self.begin_delegation(key, None, None, now);
        }
    }

    /// Charges a caller's budget a call that joins a session: it cannot be refunded by a ticket.
    pub(crate) fn spend(&mut self, caller: SessionKey) {
        if let Some(entry) = self.get_mut(caller)
            && let Some(allowance) = &mut entry.allowance
        {
            allowance.spend();
            self.mark(caller);
        }
    }

    /// Notes that a caller's call was decided to join a session, by either of its ids.
    pub(crate) fn note_join(&mut self, caller: SessionKey, session_id: &Arc<str>) {
        if let Some(entry) = self.get_mut(caller)
            && entry.allowance.is_some()
        {
            entry.activity.joins.push(session_id.clone());
        }
    }

    /// Refunds a call of the caller's present delegation that was decided to join a session, and has not asked it.
    pub(super) fn restore_join(&mut self, caller: SessionKey, session_id: &str) {
        if let Some(entry) = self.get_mut(caller)
            && let joins = &mut entry.activity.joins
            && let Some(index) = joins.iter().position(|joined| **joined == *session_id)
            && let Some(allowance) = &mut entry.allowance
        {
            joins.remove(index);
            allowance.restore();
            self.mark(caller);
        }
    }

    /// The caller's delegation in which a call was decided to join the session that it asks now.
    pub(crate) fn joined_in(&mut self, caller: SessionKey, session: SessionKey) -> u32 {
        let names = self.get(session).map(|entry| entry.names.all());
        let names = names.unwrap_or_default();
        let id = self.id(session);
        let Some(entry) = self.get_mut(caller) else {
            return 0;
        };
        let activity = &mut entry.activity;
        let named = |joined: &Arc<str>| names.iter().any(|(_, name)| name == joined);
        let of = |joined: &Arc<str>| *joined == id || named(joined);
        if let Some(index) = activity.joins.iter().position(of) {
            activity.joins.remove(index);
            return activity.delegation;
        }
        if let Some(replaced) = &mut activity.replaced
            && let Some(index) = replaced.joins.iter().position(of)
        {
            replaced.joins.remove(index);
            return replaced.delegation;
        }
        // An earlier one: a refund of its call is void.
        activity.delegation.wrapping_sub(1)
    }

    /// A caller's budget, while the delegation of the call goes on, or may go on again. The calls that an earlier
    /// delegation spent or reserved are void.
    pub(super) fn budget_of(&mut self, caller: &str, delegation: u32) -> Option<&mut Allowance> {
        let caller = self.find(caller)?;
        let entry = self.get_mut(caller)?;
        if entry.activity.delegation == delegation {
            return entry.allowance.as_mut();
        }
        let replaced = entry.activity.replaced.as_mut();
        replaced
            .filter(|replaced| replaced.delegation == delegation)
            .map(|replaced| &mut replaced.allowance)
    }

    /// Refunds a call that was spent on a prompt which was never accepted.
    pub(super) fn restore_call(&mut self, caller: &str, delegation: u32) {
        if let Some(allowance) = self.budget_of(caller, delegation) {
            allowance.restore();
            self.find(caller)
                .into_iter()
                .for_each(|caller| self.mark(caller));
        }
    }

    /// Notes once that a call of a lost engine prompted a child. Gives whether it is news of the caller's present
    /// delegation, and whether it is of the caller's present turn.
    pub(super) fn note_recovered(
        &mut self,
        caller: SessionKey,
        child: &Arc<str>,
        now: Millis,
    ) -> (bool, bool) {
        let Some(entry) = self.get_mut(caller) else {
            return (false, false);
        };
        let activity = &mut entry.activity;
        let ended = activity.status == Status::Idle && now < activity.status_at;
        let call = (child.clone(), now);
        let news = now >= activity.delegated_at && !activity.recovered.contains(&call);
        if news {
            activity.recovered.push(call);
        }
        (news, !ended)
    }
}
