//! The notices that sessions get of background tasks below their subagents: each task has one at most, and none is left.

use crate::host::PromptKey;
use crate::{ROOTS, World, text};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The messages that are to carry notices, and whether they did.
pub type Notices = BTreeMap<PromptKey, (String, bool)>;

impl World {
    /// Takes in a notice.
    pub fn notice(&mut self, key: &PromptKey, effect: &Value) {
        let (to, prompt) = (&effect["to"], &self.prompts[key]);
        self.check(
            prompt.background && prompt.delivered == 1 && to["via"] == *prompt.caller,
            "a notice of a result that its caller does not have",
        );
        let reader = text(&to["callerID"]);
        self.check(
            to["joins"] == true && reader != prompt.caller && !ROOTS.contains(&&*prompt.caller),
            "a notice that wakes a session, or goes to the caller",
        );
        let open = self.notices.get(key).is_none_or(|(_, given)| !given);
        self.check(open, "noticed twice");
        let message = text(&to["messageID"]);
        self.notices.insert(key.clone(), (message, false));
    }

    /// Reports the notices that are on their way.
    pub fn report_notices(&mut self, given: bool) {
        let open = self.notices.iter().filter(|(_, (_, given))| !given);
        let open: Vec<_> = open
            .map(|(key, (message, _))| (key.clone(), message.clone()))
            .collect();
        for ((id, prompt_no), message) in open {
            let key = (id.clone(), prompt_no);
            let report = json!({ "type": "task.delivered", "sessionID": id, "prompt_no": prompt_no, "messageID": message, "delivered": given });
            match given {
                true => self.notices.insert(key, (message, true)),
                false => self.notices.remove(&key),
            };
            self.apply(report);
        }
    }

    /// Gives each root a last message: no notice is left after it.
    pub fn drain_notices(&mut self) {
        for root in ROOTS {
            self.apply(
                json!({ "type": "session.prompted", "sessionID": root, "messageID": "msg_zzz" }),
            );
        }
        self.report_notices(true);
        for id in &self.sessions {
            let task = self.engine.session(id).and_then(|session| session.task);
            self.check(
                task.is_none_or(|task| task.unread == 0),
                &format!("the notice of {id} is left"),
            );
        }
    }
}
