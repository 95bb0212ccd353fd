//! Messages of callers for sessions that run.

use crate::engine::Engine;
use crate::names::message_id;
use crate::one_line::quotable;
use crate::protocol::{PromptState, ResolveLookup, Status, SteerLookup, Steering};
use crate::rules::limits::STEERING;

impl Engine {
    /// Whether a caller's message may go to a session that runs: the session is within its reach, as for `resolve`, and has a
    /// turn. Nothing is kept of the message, so it is sent once.
    ///
    /// ```
    /// use opencode_delegate::{Engine, Event, SteerLookup, Steering};
    /// let mut engine = Engine::new("{}")?;
    /// for event in [
    ///     r#"{"type":"session.created","now":0,"session":{"id":"ses_a","parentID":"ses_r","agent":"fixer","slug":"mend"}}"#,
    ///     r#"{"type":"session.status","now":1,"sessionID":"ses_a","status":"busy"}"#,
    /// ] {
    ///     engine.apply(Event::read(event)?);
    /// }
    /// let lookup = r#"{"now":2,"sessionID":"ses_r","task_id":"mend","message":"Leave src/old out."}"#;
    /// let Steering::Send { text, .. } = engine.steer(&SteerLookup::read(lookup)?) else { panic!() };
    /// assert!(text.ends_with("\n\nLeave src/old out."));
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    pub fn steer(&self, lookup: &SteerLookup<'_>) -> Steering {
        let session = self.resolve(&ResolveLookup {
            session_id: (&*lookup.session_id).into(),
            agent: None,
            task_id: lookup.task_id.as_deref().map(Into::into),
            message_id: None,
            part_id: None,
        });
        let refuse = |message: String| Steering::Refuse { message };
        let Some(session) = session.filter(|session| session.parent_id.is_some()) else {
            let given = quotable(lookup.task_id.as_deref().unwrap_or_default());
            return refuse(format!(
                "There is no subagent session \"{given}\" within reach."
            ));
        };
        let known = self.name_for(&session.id, &lookup.session_id);
        let name = quotable(known.as_deref().unwrap_or(&session.id));
        let message = lookup.message.trim();
        let characters = message.chars().count();
        match (session.status, session.prompt) {
            _ if message.is_empty() => refuse("The message is empty. Give one.".to_owned()),
            _ if characters > STEERING => refuse(format!(
                "The message has {characters} characters. At most {STEERING} go to a running session: give a shorter one."
            )),
            (Status::Idle, Some(PromptState::Created)) | (_, Some(PromptState::Sent)) => {
                refuse(format!(
                    "\"{name}\" has not begun: its prompt is on its way, so it cannot read a message. To add to that prompt, give task_id \"{name}\" to the task tool."
                ))
            }
            (Status::Idle, _) => refuse(format!(
                "\"{name}\" is idle, so it was not sent the message. To resume it with the message as its prompt, give task_id \"{name}\" to the task tool."
            )),
            _ => Steering::Send {
                session_id: session.id.clone(),
                message_id: message_id(lookup.now, lookup.seed.as_deref().unwrap_or_default()),
                text: format!("Your caller adds to your task:\n\n{message}"),
                answer: format!(
                    "\"{name}\" reads the message at its next step; if its turn ends before that, when it is resumed. Its answer is part of its result."
                ),
            },
        }
    }
}
