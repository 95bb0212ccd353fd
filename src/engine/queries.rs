//! Questions about sessions: they change nothing.

use crate::engine::Engine;
use crate::engine::follow_up::{Asked, ranked};
use crate::engine::lookup::{CallerView, Wanted, look_up};
use crate::names::TaskID;
use crate::protocol::{
    Candidate, ListLookup, Outline, OutlineLookup, RankLookup, ResolveLookup, Session, SlugScope,
};
use crate::rules::facts::Found;
use crate::rules::permission::TASK;
use crate::rules::{outline, session_list};
use crate::state::{Holder, SessionKey};
use std::sync::Arc;

impl Engine {
    /// The sessions of an agent that a caller could resume, at most 5: those first that the request most likely follows
    /// up. An unknown caller has none.
    ///
    /// ```
    /// use opencode_delegate::{Engine, Event, RankLookup};
    /// let mut engine = Engine::new("{}")?;
    /// for (id, description) in [("ses_a", "Explore auth"), ("ses_b", "Write docs")] {
    ///     let session = format!(r#"{{"id":"{id}","parentID":"ses_r","agent":"fixer","description":"{description}"}}"#);
    ///     engine.apply(Event::read(&format!(r#"{{"type":"session.created","now":0,"session":{session}}}"#))?);
    /// }
    /// let lookup = r#"{"sessionID":"ses_r","agent":"fixer","description":"Fix auth"}"#;
    /// let ranked = engine.rank(&RankLookup::read(lookup)?);
    /// assert_eq!(&*ranked[0].session_id, "ses_a");
    /// assert!(ranked[0].confidence > ranked[1].confidence);
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    pub fn rank(&self, lookup: &RankLookup<'_>) -> Vec<Candidate> {
        let Some(caller) = self.registry.find(&lookup.session_id) else {
            return Vec::new();
        };
        let asked = Asked {
            description: lookup.description.as_deref().unwrap_or_default(),
            prompt: lookup.prompt.as_deref().unwrap_or_default(),
            message: None,
        };
        ranked(&asked, caller, Some(&lookup.agent), &self.registry)
            .into_iter()
            .filter_map(|(key, confidence)| self.registry.candidate(key, confidence))
            .collect()
    }

    /// The session that a caller's `task_id` names, if there is one within its reach. For an earlier call (`messageID`, `partID`),
    /// the child that the call spawned comes first.
    pub fn resolve(&self, lookup: &ResolveLookup<'_>) -> Option<Session> {
        let caller = self.registry.find(&lookup.session_id)?;
        let place = lookup.message_id.as_deref().zip(lookup.part_id.as_deref());
        if let Some(key) = place.and_then(|place| self.registry.spawned_by(caller, place)) {
            return self.registry.session(key);
        }
        let seen = CallerView::of(&self.registry, &lookup.session_id, caller);
        let wanted = Wanted {
            agent: lookup.agent.as_deref(),
            task_id: lookup.task_id.as_deref(),
            caller_agent: None,
            model: None,
            permission: TASK,
            now: 0,
            asked: Asked::default(),
        };
        let view = look_up(&wanted, &seen, &self.policy, &self.registry);
        let former_last = lookup.message_id.is_some() && matches!(view.task_id, Some(TaskID::Last));
        match view.session {
            Some(Holder::Session(key)) if view.facts.found == Found::Ours && !former_last => {
                self.registry.session(key)
            }
            _ => None,
        }
    }

    /// A session by its id, the host's or the derived one.
    pub fn session(&self, id: &str) -> Option<Session> {
        match self.registry.find_id(id)? {
            Holder::Session(at) => self.registry.session(at),
            Holder::Ticket(_) => None,
        }
    }

    /// The name by which a caller may call a session. None if it has none, or if the name stands for another session there,
    /// as it may in a fork: the session then has its id alone.
    ///
    /// ```
    /// use opencode_delegate::{Engine, Event};
    /// let mut engine = Engine::new("{}")?;
    /// let session = r#"{"id":"ses_a","parentID":"ses_r","agent":"fixer","slug":"mend"}"#;
    /// engine.apply(Event::read(&format!(r#"{{"type":"session.created","now":0,"session":{session}}}"#))?);
    /// assert_eq!(engine.name_for("ses_a", "ses_r").as_deref(), Some("mend"));
    /// assert_eq!(engine.name_for("ses_b", "ses_r"), None);
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    pub fn name_for(&self, id: &str, caller_id: &str) -> Option<Arc<str>> {
        let Holder::Session(key) = self.registry.find_id(id)? else {
            return None;
        };
        match self.registry.find(caller_id) {
            Some(caller) => self.registry.id_and_slug(key, caller).1,
            None => self.registry.slug(key).cloned(),
        }
    }

    /// A root and everything below it, in order of creation.
    pub fn sessions(&self, root_id: &str) -> Vec<Session> {
        let root = self.registry.find(root_id);
        root.map_or(Vec::new(), |root| self.below(root))
    }

    /// A session and everything below it, in order of creation.
    fn below(&self, top: SessionKey) -> Vec<Session> {
        let tree = self.registry.tree(top).into_iter();
        tree.filter_map(|key| self.registry.session(key)).collect()
    }

    /// The sessions that a caller could resume, of any agent, in order of creation. An unknown caller has none.
    ///
    /// ```
    /// use opencode_delegate::Engine;
    /// let engine = Engine::new("{}")?;
    /// assert!(engine.resumable("ses_unknown").is_empty());
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    pub fn resumable(&self, session_id: &str) -> Vec<Session> {
        let caller = self.registry.find(session_id);
        let keys = caller.map_or(Vec::new(), |caller| self.registry.resumable(caller));
        keys.into_iter()
            .filter_map(|key| self.registry.session(key))
            .collect()
    }

    /// How the sessions of a conversation stand, for a person: whatever `slug_scope` says, all below the root.
    ///
    /// ```
    /// use opencode_delegate::{Engine, Event, OutlineLookup};
    /// let mut engine = Engine::new("{}")?;
    /// for session in [r#"{"id":"ses_r"}"#, r#"{"id":"ses_a","parentID":"ses_r","agent":"fixer","slug":"mend"}"#] {
    ///     let event = format!(r#"{{"type":"session.created","now":0,"session":{session}}}"#);
    ///     engine.apply(Event::read(&event)?);
    /// }
    /// let lookup = OutlineLookup::read(r#"{"sessionID":"ses_a","now":5000}"#)?;
    /// let outline = engine.outline(&lookup);
    /// assert_eq!(outline.rows[0].title, "mend");
    /// assert_eq!(outline.rows[0].text, "fixer · done · 5 s ago");
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    pub fn outline(&self, lookup: &OutlineLookup<'_>) -> Outline {
        let key = self.registry.find(&lookup.session_id);
        let root = key.map(|key| self.registry.root(key));
        let sessions = root.map_or(Vec::new(), |root| self.below(root));
        outline(&sessions, lookup)
    }

    /// The sessions that a session may see, itself among them, in order of creation: its root and everything below it. With
    /// `slug_scope: "caller"`, a subagent sees its own children alone. An unknown session sees none.
    ///
    /// ```
    /// use opencode_delegate::Engine;
    /// let engine = Engine::new("{}")?;
    /// assert!(engine.visible("ses_unknown").is_empty());
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    pub fn visible(&self, session_id: &str) -> Vec<Session> {
        let Some(key) = self.registry.find(session_id) else {
            return Vec::new();
        };
        let own =
            self.policy.slug_scope == SlugScope::Caller && self.registry.parent(key).is_some();
        let top = if own { key } else { self.registry.root(key) };
        let seen =
            |other: &SessionKey| !own || *other == key || self.registry.parent(*other) == Some(key);
        let tree = self.registry.tree(top).into_iter();
        tree.filter(seen)
            .filter_map(|key| self.registry.session(key))
            .collect()
    }

    /// The sessions that a session may see, for a model or a person to read: a page of a table, or of a Mermaid flowchart.
    ///
    /// ```
    /// use opencode_delegate::{Engine, Event, ListLookup};
    /// let mut engine = Engine::new("{}")?;
    /// for session in [r#"{"id":"ses_r"}"#, r#"{"id":"ses_a","parentID":"ses_r","agent":"fixer","slug":"mend"}"#] {
    ///     let event = format!(r#"{{"type":"session.created","now":0,"session":{session}}}"#);
    ///     engine.apply(Event::read(&event)?);
    /// }
    /// let lookup = ListLookup::read(r#"{"sessionID":"ses_r","now":5000,"state":"running"}"#)?;
    /// assert_eq!(engine.list(&lookup), "No session matches. There are: 1 idle.");
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    pub fn list(&self, lookup: &ListLookup<'_>) -> String {
        let agent = lookup.agent.as_deref();
        let agent = agent.map(|agent| self.policy.spelled(agent).to_owned().into());
        let lookup = ListLookup {
            agent,
            ..lookup.clone()
        };
        session_list(&self.visible(&lookup.session_id), &lookup)
    }
}
