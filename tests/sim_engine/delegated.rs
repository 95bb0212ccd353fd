//! Calls that the engine's own executor carries out.

use crate::calls::{Call, Stage};
use crate::feed::Came;
use crate::host::Sid;
use crate::hostile::rules_of;
use crate::instance::{Follow, Instance};
use crate::names::Goal;
use crate::watch::Task;
use crate::world::World;
use opencode_delegate::protocol::Model;
use opencode_delegate::{Event, KeptPrompt};
use serde_json::{Value, json};

impl World {
    pub fn asked(&mut self, call: &Call, session: Option<Sid>) -> Event {
        let ask = &call.ask;
        let model = self.dice.percent(70).then(|| Model {
            provider_id: "p".to_owned(),
            model_id: "own".to_owned(),
        });
        Event::Kept(Box::new(KeptPrompt {
            now: self.now,
            ticket: call.ticket,
            part_id: None,
            session_id: session.map(|at| self.host[at].id.clone()),
            caller_id: self.host[ask.caller].id.clone(),
            caller_agent: Some(self.host[ask.caller].agent.clone()),
            agent: ask.agent.to_owned(),
            background: Some(ask.background),
            parts: vec![json!({ "type": "text", "text": format!("p{}", ask.no) }).into()],
            system: None,
            model,
            variant: None,
            permission: rules_of(ask.no),
            seed: Some(format!("{:014}", ask.no)),
            process: Some(self.slots[call.slot].process.clone()),
            sent_elsewhere: None,
            first: None,
            limits: None,
        }))
    }

    /// The engine's own executor runs the child.
    pub fn begin_delegated(&mut self, at: usize) {
        let call = self.calls[at].clone();
        let slot = call.slot;
        if call.orphan {
            return self.drop_call(call.ask.no);
        }
        let target = call.child.or(call.target);
        if let Some(target) = target {
            // The remains of a dead process are looked up before another goes on with them.
            self.make_known(slot, target);
            // A caller that prompts again takes the lost prompt along, and needs no notice of it.
            let stored = self.host[target]
                .record
                .as_ref()
                .map(|it| &it["prompt"]["parts"]);
            let stored = stored.map(Value::to_string).unwrap_or_default();
            for task in &mut self.tasks {
                let same = task.at == target && task.caller == call.ask.caller;
                if same && stored.contains(&format!("\"p{}\"", task.call)) {
                    task.excused = Some("asked again");
                }
            }
            self.name_in_part(slot, call.ask.caller, call.ask.no, target);
            let event = self.asked(&call, Some(target));
            let came = self.apply(slot, event);
            if let Some(it) = self.calls.iter_mut().find(|it| it.ask.no == call.ask.no) {
                it.committed = true;
            }
            self.take_up(&call, came);
            return;
        }
        let event = self.asked(&call, None);
        let came = self.apply(slot, event);
        let Some((agent, record, title)) = came.create else {
            return self.give_back(at);
        };
        let first = Some(format!("p{}", call.ask.no));
        let task = record["tasks"][0]["id"].as_str().map(str::to_owned);
        let child = self.make_child(slot, call.ask.caller, &agent, &title, Some(record), first);
        if task.is_some() {
            self.background(&call, child, 1);
        }

        self.name_in_part(slot, call.ask.caller, call.ask.no, child);
        let call = &mut self.calls[at];
        (call.child, call.stage) = (Some(child), Stage::Made);
        if self.dice.percent(80) {
            self.commit_made(at);
        }
    }

    pub fn commit_made(&mut self, at: usize) {
        let call = self.calls[at].clone();
        let (slot, child) = (call.slot, call.child.unwrap());
        if call.orphan {
            return self.drop_call(call.ask.no);
        }
        self.slots[slot].known.insert(child);
        self.calls[at].committed = true;
        self.births.insert(call.ask.no, child);
        let (now, session_id) = (self.now, self.host[child].id.clone());
        let ticket = call.ticket.unwrap();
        let came = self.apply(
            slot,
            Event::Commit {
                now,
                ticket,
                session_id,
            },
        );
        self.take_up(&call, came);
        self.named(slot, child);
    }

    pub fn background(&mut self, call: &Call, at: Sid, prompt_no: u32) {
        if let Some(task) = self.tasks.iter_mut().find(|it| it.call == call.ask.no) {
            task.prompt_no = prompt_no;
            return;
        }
        let session = self.slots[call.slot].engine.session(&self.host[at].id);
        let task = session.and_then(|session| session.task);
        let task = task.filter(|task| task.prompt_no == prompt_no);
        self.tasks.push(Task {
            since: task.map_or(self.now, |task| task.since),
            at,
            prompt_no,
            caller: call.ask.caller,
            call: call.ask.no,
            process: self.slots[call.slot].process.clone(),
            heard: Vec::new(),
            looked: Vec::new(),
            excused: None,
        });
    }

    /// Follows a prompt that the engine has taken in.
    pub fn take_up(&mut self, call: &Call, came: Came) {
        let Some((id, prompt_no, task)) = came.wait else {
            // Its session is gone, so the call fails, and its caller sees that.
            for task in self.tasks.iter_mut().filter(|it| it.call == call.ask.no) {
                task.excused = Some("its call failed");
            }
            if let Some(at) = self.calls.iter().position(|it| it.ask.no == call.ask.no) {
                let spent = self.slots[call.slot].spent.get_mut(&call.ask.caller);
                // Its committed call stays spent.
                if let Some(spent) = spent
                    && call.ticket.is_some()
                {
                    spent.retain(|known| *known != call.ask.no);
                    self.slots[call.slot].unsure.insert(call.ask.caller);
                }
                self.calls.remove(at);
            }
            return;
        };
        let at = self.ids[&id];
        self.share(call.slot, at);
        if let Some(it) = self.calls.iter_mut().find(|it| it.ask.no == call.ask.no) {
            it.stage = Stage::Followed;
            it.child = Some(at);
        }
        let process = self.slots[call.slot].process.clone();
        self.slots[call.slot].follows.push(Follow {
            call: call.ask.no,
            at,
            prompt_no,
            attempt: 1,
            caller: call.ask.caller,
            background: call.ask.background,
            agent: call.ask.agent,
            send: None,
            asked: None,
            sent: false,
            tried: false,
            stored: false,
            accepted: false,
            answered: false,
            lost: false,
            first: self.host[at].owed,
            process,
        });
        let slot = call.slot;
        self.named(slot, at);
        if let Some(task) = task {
            self.background(call, at, prompt_no);
            self.promise(slot, &task, at, Goal::Id);
            // The call is done, and its task goes on.
            self.drop_call(call.ask.no);
        }
    }

    /// Notes whether another process has an open prompt of a session.
    pub fn share(&mut self, slot: usize, at: Sid) {
        let open = |(other, it): (usize, &Instance)| {
            let other_process = &it.process;
            let task =
                |task: &Task| task.at == at && task.heard.is_empty() && task.excused.is_none();
            let known =
                |task: &Task| task.process == *other_process || task.looked.contains(&other);
            let tasks = self.tasks.iter().any(|it| task(it) && known(it));
            other != slot && (tasks || it.follows.iter().any(|follow| follow.at == at))
        };
        // The first prompt of a child is another's until its call is committed.
        let unborn = |call: &Call| {
            call.slot != slot && call.child == Some(at) && matches!(call.stage, Stage::Made)
        };
        let unborn = self.calls.iter().any(unborn);
        let shared = unborn || self.slots.iter().enumerate().any(open);
        self.host[at].shared |= shared;
    }
}
