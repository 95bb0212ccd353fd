//! The notices that sessions get of background tasks below their subagents: each task has one at most.

use crate::host::Sid;
use crate::world::World;
use opencode_delegate::Delivery;
use std::collections::HashMap;

/// The messages with a notice of a task.
pub type Notices = HashMap<(Sid, u32), Vec<String>>;

impl World {
    /// Takes in a notice. Its caller has the result by then.
    pub fn notice(&mut self, slot: usize, at: Sid, prompt_no: u32, to: &Delivery) {
        let reader = self.ids[&to.caller_id];
        let via = to.via.as_ref().map(|via| self.ids[via]);
        let has = |task: &crate::watch::Task| task.at == at && Some(task.caller) == via;
        let heard = self
            .tasks
            .iter()
            .any(|it| has(it) && (!it.heard.is_empty() || it.excused.is_some()));
        let id = self.host[at].id.clone();
        self.must(heard, "I3", || {
            format!("[{slot}] a notice of {id} {prompt_no}, whose result no caller has")
        });
        let below = via.is_some_and(|via| via != reader && self.host[via].parent.is_some());
        self.must(below && to.joins, "I3", || {
            format!("a notice of {id} {prompt_no} goes to {reader}")
        });
        let given = self.notices.entry((at, prompt_no)).or_default();
        if !given.contains(&to.message_id) {
            given.push(to.message_id.clone());
        }
        let times = given.len();
        // Two processes may give it at the same moment, and neither sees the other.
        let two = self.rules.two || self.host[at].overwritten;
        self.must(times == 1 || two, "I3", || {
            format!("a notice of {id} {prompt_no} is given {times} times")
        });
    }
}
