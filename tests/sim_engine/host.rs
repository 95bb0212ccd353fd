//! A host: its sessions with their messages and metadata, their turns, and its events.

use crate::history::{Naming, Place};
use crate::world::World;
use opencode_delegate::Request;
use opencode_delegate::protocol::Status;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A session, by its index in the host's list.
pub type Sid = usize;

/// The one that runs a turn of a session.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    User,
    Call(usize),
    /// A prompt of an instance: its process, number and attempt.
    Prompt(String, u32, u32),
}

#[derive(Clone, Debug)]
pub struct Message {
    pub id: String,
    pub texts: Vec<String>,
    pub answered: bool,
}

#[derive(Clone, Debug)]
pub struct HostSession {
    pub id: String,
    pub parent: Option<Sid>,
    pub root: Sid,
    pub depth: usize,
    pub agent: String,
    pub description: String,
    pub record: Option<Value>,
    /// The number of writes of each slot, whether one write crossed another, and whether one of the two instances was
    /// gone before they had mended that.
    pub writes: [u32; 2],
    pub crossed: bool,
    /// The slots whose last write another process has replaced without reading it.
    pub replaced: [bool; 2],
    /// Whether two processes have prompted it at once.
    pub shared: bool,
    /// The slots whose instances found its first prompt orphaned.
    pub finders: Vec<usize>,
    pub overwritten: bool,
    pub updated: u64,
    pub gone: bool,
    /// The turns that run, by the slot of their process. The first is that of all slots in one process.
    pub turns: [Option<By>; 2],
    /// The slots whose processes have run a turn of it.
    pub ran: [bool; 2],
    /// The slot whose instance runs its turns.
    pub slot: usize,
    pub messages: Vec<Message>,
    /// The first prompt that its record holds, and whether it is still open.
    pub first: Option<String>,
    pub owed: bool,
    /// The calls in its messages that name a session, and from where on its messages are reverted.
    pub calls: Vec<Naming>,
    pub reverted: Option<(String, Option<String>)>,
    /// The reverts that a prompt ended: it removed the messages.
    pub cleaned: BTreeSet<Place>,
    /// Whether the first call that names it was undone at some time.
    pub undone: bool,
    /// The tokens that its models used.
    pub spent: u64,
}

/// The events that the host sends to the instances on it.
#[derive(Clone, Debug)]
pub enum Bus {
    Created(Sid, Option<Value>),
    /// Another instance has stored its record. The number counts the writes.
    Updated(Sid, Option<Value>, u32),
    Status(Sid, Status),
    Deleted(Sid),
    /// Its turn was aborted.
    Aborted(Sid),
    Usage(Sid, u64, u64),
    /// The tokens that it used so far.
    Spent(Sid, u64),
    /// A step of its turn has ended, and another follows.
    Stepped(Sid, String),
    /// A question for permission was asked, or answered.
    Asks(Sid, String),
    Replied(Sid, String),
    /// The time that a timer was set to has come, or another one.
    Timer(Sid),
    /// A call in its messages names a session.
    Named(Sid, Place, Sid),
    /// Its messages are reverted from one on, or none is.
    Reverted(Sid, Option<(String, Option<String>)>),
    /// A message of it was removed, or a part of one.
    Removed(Sid, String, Option<String>),
}

/// A call of the task tool, as its caller made it.
#[derive(Clone, Debug)]
pub struct Ask {
    pub no: usize,
    pub caller: Sid,
    pub agent: &'static str,
    pub description: &'static str,
    pub task_id: Option<String>,
    pub background: bool,
}

impl Ask {
    /// The message that makes the call.
    pub fn message(&self) -> String {
        format!("msg_{:06}", self.no)
    }

    /// The id of the call. The provider begins its ids again in each message, and some of them look like the host's own.
    pub fn call(&self) -> &'static str {
        ["call_0", "prt_0"][self.no % 2]
    }
}

/// The request of a call.
pub fn request<'a>(world: &'a World, ask: &'a Ask, task_id: Option<&'a str>) -> Request<'a> {
    let caller = &world.host[ask.caller];
    Request {
        now: world.now,
        call_id: Cow::Borrowed(ask.call()),
        message_id: Some(Cow::Owned(ask.message())),
        by: None,
        session_id: Cow::Borrowed(&caller.id),
        caller_agent: Some(Cow::Borrowed(&caller.agent)),
        agent: Cow::Borrowed(ask.agent),
        description: Cow::Borrowed(ask.description),
        prompt: Cow::Borrowed("Do it."),
        task_id: task_id.map(Cow::Borrowed),
        background: Some(ask.background),
        permission: None,
        model: None,
        limits: None,
    }
}

impl World {
    /// Ids come in pairs that are one edit apart. The pairs are far from each other.
    pub fn fresh_id(&mut self) -> String {
        self.made += 1;
        let pair = (self.made / 2 * 40503) % 65536;
        format!(
            "ses_{pair:04x}{:04x}{}",
            65535 - pair,
            ["a", "b"][self.made % 2]
        )
    }

    /// Sends the event of a process's work to those that hear it.
    pub fn emit(&mut self, slot: usize, event: &Bus) {
        for (at, it) in self.slots.iter_mut().enumerate() {
            if !self.rules.apart || at == slot {
                it.inbox.push_back(event.clone());
            }
        }
    }

    pub fn make_root(&mut self, id: &str) {
        let at = self.host.len();
        let slot = self.dice.below(self.slots.len());
        self.put(HostSession {
            id: id.to_owned(),
            parent: None,
            root: at,
            depth: 0,
            agent: "build".to_owned(),
            description: String::new(),
            record: None,
            writes: [0; 2],
            crossed: false,
            replaced: [false; 2],
            shared: false,
            finders: Vec::new(),
            overwritten: false,
            updated: self.now,
            gone: false,
            turns: [None, None],
            ran: [false; 2],
            slot,
            messages: Vec::new(),
            first: None,
            owed: false,
            calls: Vec::new(),
            reverted: None,
            cleaned: BTreeSet::new(),
            undone: false,
            spent: 0,
        });
    }

    pub fn put(&mut self, session: HostSession) {
        let at = self.host.len();
        self.ids.insert(session.id.clone(), at);
        let record = session.record.clone();
        let event = Bus::Created(at, record.clone());
        let slot = session.slot;
        self.host.push(session);
        if let Some(record) = record {
            self.claim(at, &record);
        }
        self.emit(slot, &event);
    }

    pub fn make_child(
        &mut self,
        slot: usize,
        parent: Sid,
        agent: &str,
        description: &str,
        record: Option<Value>,
        first: Option<String>,
    ) -> Sid {
        let id = self.fresh_id();
        let above = &self.host[parent];
        let session = HostSession {
            id,
            parent: Some(parent),
            root: above.root,
            depth: above.depth + 1,
            agent: agent.to_owned(),
            description: description.to_owned(),
            writes: [0; 2],
            crossed: false,
            replaced: [false; 2],
            shared: false,
            finders: Vec::new(),
            overwritten: false,
            record,
            updated: self.now,
            gone: false,
            turns: [None, None],
            ran: [false; 2],
            slot: if self.rules.apart { slot } else { above.slot },
            messages: Vec::new(),
            owed: first.is_some(),
            first,
            calls: Vec::new(),
            reverted: None,
            cleaned: BTreeSet::new(),
            undone: false,
            spent: 0,
        };
        self.put(session);
        self.host.len() - 1
    }

    /// A turn begins, with a user message.
    pub fn begin(&mut self, at: Sid, by: By, slot: usize) {
        self.clean_up(slot, at);
        let (now, desk) = (self.now, self.desk(slot));
        let session = &mut self.host[at];
        session.updated = session.updated.max(now);
        session.slot = slot;
        session.turns[desk] = Some(by);
        session.ran[slot] = true;
        self.emit(slot, &Bus::Status(at, Status::Busy));
    }

    pub fn stop(&mut self, slot: usize, at: Sid) {
        let (now, desk) = (self.now, self.desk(slot));
        let session = &mut self.host[at];
        if session.turns[desk].take().is_some() && !session.gone {
            session.updated = session.updated.max(now);
            self.emit(slot, &Bus::Status(at, Status::Idle));
        }
    }

    /// Aborts what a session runs in a process, as a user or an instance may.
    pub fn abort(&mut self, slot: usize, at: Sid) {
        if self.turn(slot, at).is_some() && !self.host[at].gone {
            self.emit(slot, &Bus::Aborted(at));
        }
        self.stop(slot, at);
    }

    /// Stores a user message, of a prompt that an engine has sent or of another source.
    pub fn message(&mut self, at: Sid, id: &str, texts: Vec<String>, sent: bool) {
        let whole = !texts.is_empty();
        let session = &mut self.host[at];
        match session.messages.iter_mut().find(|known| known.id == id) {
            // The ids are the same, so nothing is doubled.
            Some(known) => known.texts = texts,
            None => session.messages.push(Message {
                id: id.to_owned(),
                texts,
                answered: false,
            }),
        }
        let Some(first) = session.first.clone() else {
            return;
        };
        let asked = session.messages.iter();
        let asked = asked
            .filter(|message| message.texts.contains(&first))
            .count();
        if asked > 0 {
            session.owed = false;
        }
        if session.overwritten || session.finders.len() > 1 {
            return;
        }
        let owed = session.owed && sent && whole;
        // The prompt may come later: its call will have it taken in, or it waits behind another.
        let calls = self
            .calls
            .iter()
            .filter(|call| call.child == Some(at))
            .map(|call| call.ask.no);
        let follows = self.slots.iter().flat_map(|slot| &slot.follows);
        let follows = follows
            .filter(|follow| follow.at == at)
            .map(|follow| follow.call);
        let waits = calls.chain(follows).any(|call| format!("p{call}") == first);
        // Or another process will send it along with its own prompt.
        let mut follows = self.slots.iter().flat_map(|slot| &slot.follows);
        let waits =
            waits || self.rules.two && follows.any(|it| it.at == at && it.first && !it.accepted);
        let owed = owed && !waits;
        self.must(!owed, "I4", || {
            format!("{first} of {at} never arrived, and another did")
        });
        self.must(asked < 2, "I4", || format!("{first} of {at} arrived twice"));
    }

    pub fn alive(&self, at: Sid) -> bool {
        !self.host[at].gone
    }

    /// A session and all below it.
    pub fn below(&self, at: Sid) -> Vec<Sid> {
        let mut all = vec![at];
        let mut next = 0;
        while next < all.len() {
            let above = all[next];
            let children =
                (0..self.host.len()).filter(|child| self.host[*child].parent == Some(above));
            all.extend(children.filter(|child| !self.host[*child].gone));
            next += 1;
        }
        all
    }

    pub fn delete(&mut self, slot: usize, at: Sid) {
        // The host deletes what is below first.
        for gone in self.below(at).into_iter().rev() {
            let session = &mut self.host[gone];
            session.gone = true;
            let turns = std::mem::take(&mut session.turns);
            self.emit(slot, &Bus::Deleted(gone));
            // A turn that another process runs ends, for it can store nothing more.
            if self.rules.apart && turns[1 - slot].is_some() {
                self.emit(1 - slot, &Bus::Status(gone, Status::Idle));
            }
        }
    }
}
