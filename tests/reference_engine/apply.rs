//! The changes that events make.

use crate::model::{Ask, Goal, Known, Model, Open, Who};
use crate::text::given_name;
use serde_json::Value;

impl Model {
    pub fn wait(&mut self, caller: &str, id: &str) {
        if let Some(caller) = self.get_mut(caller)
            && !caller.waits.iter().any(|waits| waits == id)
        {
            caller.waits.push(id.to_owned());
        }
    }

    /// A call ends without effect. Another call of the turn that has joined the session still waits for it.
    fn unwait(&mut self, caller: &str, id: &str) {
        if let Some(caller) = self.get_mut(caller)
            && !caller.joins.iter().any(|joined| joined == id)
        {
            caller.waits.retain(|waits| waits != id);
        }
    }

    /// The budget of a caller to which no delegation has begun since.
    fn budget(&mut self, caller: &str, delegation: u32) -> Option<&mut (u64, u64, u64)> {
        let caller = self.get_mut(caller)?;
        if caller.delegation == delegation {
            caller.budget.as_mut().filter(|budget| budget.0 > 0)
        } else {
            None
        }
    }

    fn close(&mut self, number: usize) -> Option<Open> {
        let at = self.open.iter().position(|open| open.number == number)?;
        Some(self.open.remove(at))
    }

    pub fn refund(&mut self, number: usize) {
        let Some(open) = self.close(number) else {
            return;
        };
        self.calls.retain(|call| call.0 != open.call);
        if let Goal::Prompt { id } = &open.goal {
            self.unwait(&open.caller, id);
        }
        if let Some(budget) = self.budget(&open.caller, open.delegation) {
            budget.2 -= 1;
        }
        for (caller, (_, delegation), _, call) in &open.joined {
            self.calls.retain(|known| known.0 != *call);
            if let Some(budget) = self.budget(caller, *delegation) {
                // Of a deleted caller's id that was given again, the new session has not spent it.
                budget.1 = budget.1.saturating_sub(1);
                self.find_or_add(caller).marked = true;
            }
        }
        self.name_children(&open.caller);
    }

    pub fn commit(&mut self, number: usize, id: &str, now: u64) {
        let Some(open) = self.close(number) else {
            // Its caller learns its name anyway.
            if let Some(child) = self.get_mut(id).filter(|child| child.slug.is_some()) {
                child.promise_name();
            }
            return;
        };
        if let Some(budget) = self.budget(&open.caller, open.delegation) {
            budget.2 -= 1;
            budget.1 += 1;
        }
        if matches!(&open.goal, Goal::Spawn { derived, .. } if derived == id) {
            self.gone.retain(|gone| gone != id);
        }
        let caller = self.find_or_add(&open.caller);
        caller.marked |= caller.budget.is_some();
        if self.gone.iter().any(|gone| gone == id) {
            self.name_children(&open.caller);
            return;
        }
        let caller = open.caller.clone();
        let rules = self.rules.clone();
        let gone = |agent: &str| rules.is_gone(agent);
        let child = self.find_or_add(id);
        if child.parent.is_none() {
            child.parent = Some(caller.clone());
        }
        child.confirmed = true;
        child.promise_name();
        child.choose(open.model.clone());
        if child.description.is_empty() {
            child.description = open.description.clone();
        }
        let own = child.agent.get_or_insert_with(|| open.agent.clone());
        if gone(own) {
            *own = open.agent.clone();
            child.marked = true;
        }
        child.part = true;
        if child.status_at <= now {
            (child.status, child.status_at) = (0, now);
        }
        child.last_used = child.last_used.max(now);
        if let Goal::Spawn { .. } = &open.goal {
            if child.prompt.is_empty() {
                child.prompt = open.prompt.clone();
            }
            child.by_user |= open.by_user;
            child.marked |= open.by_user;
        }
        let nameless = child.slug.is_none();
        let of = child.parent.as_deref() == Some(&*caller) && child.spawned.is_none();
        if let (Goal::Spawn { .. }, true, Some(message)) = (&open.goal, of, &open.message) {
            let last = child.last.as_ref();
            if last.is_none_or(|last| *message < last.0) {
                child.spawned = Some((message.clone(), false));
            }
        }
        self.grant(id);
        // The call has prompted another session than planned.
        if let Goal::Prompt { id: awaited } = &open.goal
            && awaited != id
        {
            self.unwait(&caller, awaited);
        }
        if nameless {
            match &open.goal {
                Goal::Spawn { slug, derived } => {
                    self.christen(id, slug, Some(derived.clone()));
                }
                Goal::Prompt { .. } => self.make_up(id),
            }
        }
        let turn = |model: &Model, id: &str| model.get(id).map(|session| session.turn);
        if open.waits && turn(self, &caller) == Some(open.turn) {
            self.wait(&caller, id);
        }
        for (caller, (made, _), waits, _) in &open.joined {
            if *waits && turn(self, caller) == Some(*made) {
                self.wait(caller, id);
            }
        }
        self.name_children(&caller);
        // The host has prompted the session, unless the message of that came before.
        let begins = self
            .get(id)
            .is_some_and(|child| child.delegation == open.before);
        if begins && matches!(&open.goal, Goal::Prompt { id: asked } if asked == id) {
            self.delegated(now, id);
        }
    }

    pub fn created(&mut self, now: u64, created: &Value) {
        let text = |field: &str| created[field].as_str().map(str::to_owned);
        let id = text("id").unwrap();
        if self.gone.contains(&id) {
            return;
        }
        let parent = text("parentID");
        if let Some(parent) = &parent {
            if self.gone.contains(parent) {
                return self.deleted(&id);
            }
            self.find_or_add(parent);
        }
        let record = &self.without_freed(&id, &created["record"]);
        let session = self.find_or_add(&id);
        let first = !std::mem::replace(&mut session.confirmed, true);
        // A write of the record is an update of the session, and no use of it. A rename writes it too.
        let stored = record["lastUsed"].as_u64();
        let written = stored.max(record["renamed"].as_u64());
        let used = stored.filter(|_| written.is_some_and(|at| now.saturating_sub(at) <= 2000));
        session.last_used = session.last_used.max(used.unwrap_or(now));
        if session.parent.is_none() {
            session.parent = parent.clone();
        }
        if session.agent.is_none() {
            let stored = record["agent"].as_str().map(str::to_owned);
            session.agent = stored.or(text("agent"));
        }
        if session.description.is_empty() {
            let stored = record["description"].as_str().map(str::to_owned);
            session.description = stored.or(text("description")).unwrap_or_default();
        }
        if session.parent.is_none() {
            return;
        }
        for file in created["files"].as_array().into_iter().flatten() {
            self.touched(&id, file.as_str().unwrap());
        }
        if first {
            for file in record["files"].as_array().into_iter().flatten() {
                self.touched(&id, file.as_str().unwrap());
            }
        }
        let session = self.find_or_add(&id);
        if first {
            let count = |field: &str| record[field].as_u64().unwrap_or_default();
            session.by_user |= record["by"] == "user";
            session.hints = (
                count("hinted").max(session.hints.0),
                count("hint_followed").max(session.hints.1),
            );
        }
        if session.prompt.is_empty() {
            session.prompt = text("prompt").unwrap_or_default();
        }
        if let (true, Some(limit)) = (first, record["budget"].as_u64()) {
            let used = record["used"].as_u64().unwrap();
            session.budget = Some((limit, used, 0));
            session.tokens = record["tokens"].as_u64().unwrap();
            session.window = record["window"].as_u64().unwrap();
            let model = |part: &str| record["model"][part].as_str();
            let model = model("providerID").zip(model("modelID"));
            session.model = model.map(|(provider, model)| format!("{provider}/{model}"));
            session.stored = true;
            session.spawned = place(record);
            session.removed = record["undone"] == true;
            let freed = record["freed"].as_array().into_iter().flatten();
            session.freed = freed
                .map(|name| name.as_str().unwrap().to_owned())
                .collect();
        }
        if let (Some(at), Some(known)) = (place(record), &session.spawned)
            && is_earlier(&at, known)
        {
            session.set_spawned(at);
        }
        let before = session.names();
        for alias in record["aliases"].as_array().into_iter().flatten() {
            self.alias(
                alias[1].as_u64().unwrap(),
                &id,
                alias[0].as_str().unwrap(),
                false,
            );
        }
        for former in record["former"].as_array().into_iter().flatten() {
            self.former(
                &id,
                former[0].as_str().unwrap(),
                former[1].as_str().unwrap(),
            );
        }
        let session = self.find_or_add(&id);
        session.stored_name |= record["slug"].is_string();
        let named = session.slug.is_some();
        let parent = session.parent.clone().unwrap();
        let stored = record["slug"].as_str().map(str::to_owned);
        let unstored = stored.is_none();
        let given = stored.or(text("slug"));
        let given = given.and_then(|slug| given_name(&slug));
        self.grant(&id);
        let root = self.root(&id);
        let news = given
            .as_ref()
            .is_some_and(|slug| match self.by_slug(&root, slug) {
                Some(Who::Session(holder)) if holder == id => false,
                Some(Who::Session(holder)) => {
                    let holder = self.get(&holder).unwrap();
                    let yields = !holder.stored_name && !holder.marked;
                    self.get(&id).unwrap().slug.is_none() || yields
                }
                _ => true,
            });
        match given {
            Some(slug) if news => {
                self.rename(&id, &slug, record["id"].as_str());
                let session = self.find_or_add(&id);
                session.stored_name &= session.slug.as_ref() == Some(&slug);
                session.marked |= unstored || named;
            }
            _ => self.name_children(&parent),
        }
        // The name that it has may be a made-up one, for that of the record stands for another session.
        let session = self.find_or_add(&id);
        let mut former = record["former"].as_array().into_iter().flatten();
        let own = session.slug.as_ref();
        session.stored_name |= own
            .is_some_and(|own| record["slug"] == **own || former.any(|former| former[0] == **own));
        if let Some(slug) = record["slug"].as_str() {
            let holder = self.by_slug(&root, slug);
            if holder != Some(Who::Session(id.clone())) {
                let derived = record["id"].as_str().unwrap_or(slug);
                self.find_or_add(&id).claim(slug, derived);
            }
        }
        for name in record["freed"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap();
            if self.undone_holder(&root, name).as_ref() == Some(&id) {
                self.free_undone(&root, name);
            }
        }
        if record.is_object() && !first {
            // Another process may have stored less than is known here, or more.
            let has = |name: &String| {
                let within = |field: &str| {
                    let mut all = record[field].as_array().into_iter().flatten();
                    all.any(|pair| pair[0] == **name)
                };
                record["slug"] == **name || within("former") || within("aliases")
            };
            let session = self.find_or_add(&id);
            let promised = session.stored_name || session.marked;
            let own = session.slug.iter().filter(|_| promised);
            let former = session.former.iter().map(|former| &former.0);
            let aliases = session.aliases.iter().map(|alias| &alias.0);
            let lacks = own.chain(former).chain(aliases).any(|name| !has(name));
            let news = session.names() != before && session.engine_stored;
            session.marked |= lacks || news;
        }
    }

    /// A record without the names that its session lost to others.
    fn without_freed(&self, id: &str, record: &Value) -> Value {
        let mut record = record.clone();
        let listed = record["freed"].as_array().cloned().unwrap_or_default();
        let known = self.get(id).map_or(&[][..], |session| &session.freed);
        let is_freed = |name: &Value| listed.contains(name) || known.iter().any(|it| *name == **it);
        if is_freed(&record["slug"]) {
            record["slug"] = Value::Null;
        }
        if let Some(former) = record.get_mut("former").and_then(Value::as_array_mut) {
            former.retain(|pair| !is_freed(&pair[0]));
        }
        record
    }

    pub fn note_named(&mut self, caller: &str, id: &str, at: &str) {
        let (Some(own), Some(session)) = (self.get(caller), self.get(id)) else {
            return;
        };
        let reverted = own.reverted.as_ref().is_some_and(|from| at >= &**from);
        let undone = self.undone(session);
        let slug = session.slug.clone().filter(|_| undone);
        let taken = slug.filter(|slug| self.in_messages(caller, slug).is_some());
        if session.parent.as_deref() == Some(caller) {
            let last = session.last.as_ref().or(session.spawned.as_ref());
            let later = last.is_none_or(|last| at > &*last.0);
            let call = (at.to_owned(), true);
            let news = match &session.spawned {
                None => last.is_none_or(|last| at < &*last.0),
                Some(_) if undone => later && !reverted,
                Some(spawned) => is_earlier(&call, spawned),
            };
            if let (Some(name), true) = (taken, news) {
                // While it was undone, its name stood for a session that the messages name.
                self.free_undone(&self.root(id), &name);
            }
            let session = self.get_mut(id).unwrap();
            if later && (session.spawned.is_some() || session.last.is_none()) {
                session.last = Some(call.clone());
            }
            if news {
                session.set_spawned(call);
                session.removed = false;
                session.marked |= session.engine_stored;
                if undone {
                    self.name_children(caller);
                }
            }
        } else if session.parent.is_some() && self.root(id) != self.root(caller) {
            let own = self.get_mut(caller).unwrap();
            match own.named.iter_mut().find(|named| named.0 == id) {
                Some((_, first)) if at < &**first => *first = at.to_owned(),
                Some(_) => {}
                None => {
                    own.named.push((id.to_owned(), at.to_owned()));
                    self.yield_names_to(caller, id);
                }
            }
        }
    }

    /// A call that resumes a child did not spawn it.
    pub fn note_resumed(&mut self, ask: &Ask, id: &str) {
        let session = self.find_or_add(id);
        let own = session.parent.as_deref() == Some(&*ask.session);
        if own && session.spawned.is_none() && session.last.is_none() {
            session.last = ask.message.clone().map(|message| (message, false));
        }
    }

    /// A call prompts a session that a hint named to its caller.
    pub fn end_hint(&mut self, ask: &Ask, id: &str) {
        let session = self.find_or_add(id);
        if session.hint_to.as_deref() == Some(&*ask.session) {
            session.hint_to = None;
            session.hints.1 += u64::from(ask.task_id.is_some());
            session.marked = true;
        }
    }

    pub fn reverted(&mut self, id: &str, from: Option<&str>) {
        if let Some(session) = self.get_mut(id) {
            session.reverted = from.map(str::to_owned);
            self.name_children(id);
        }
    }

    pub fn removed(&mut self, id: &str, message: &str, later: bool) {
        let gone = |at: &str| at == message || later && at > message;
        if let Some(session) = self.get_mut(id) {
            session.named.retain(|named| !gone(&named.1));
            for child in &mut self.sessions {
                let of = child.parent.as_deref() == Some(id);
                if of && child.spawned.as_ref().is_some_and(|call| gone(&call.0)) && !child.removed
                {
                    (child.removed, child.marked) = (true, true);
                    // A call that is known already does not bring it back.
                    child.spawned = child.last.take().max(child.spawned.take());
                }
            }
        }
    }

    pub fn status(&mut self, now: u64, id: &str, status: u8) {
        let Some(session) = self.get_mut(id) else {
            return;
        };
        if (now, status) < (session.status_at, session.status) {
            return;
        }
        session.part &= session.status != 2 || status == 2;
        if session.status != 2 && status == 2 {
            session.turn += 1;
            session.marked |= session.part;
            session.waits.clear();
        }
        (session.status_at, session.status) = (now, status);
        session.last_used = session.last_used.max(now);
    }

    /// A user message prompts a session.
    pub fn prompted(&mut self, now: u64, id: &str, synthetic: bool) {
        let known = self.get(id);
        if known.is_some_and(|session| session.delegated_at < now) && !synthetic {
            self.delegated(now, id);
        }
    }

    /// A delegation to a session begins: its budget is full.
    fn delegated(&mut self, now: u64, id: &str) {
        if let Some(session) = self.get_mut(id)
            && let Some(budget) = &mut session.budget
        {
            session.marked |= budget.1 > 0;
            (budget.1, budget.2) = (0, 0);
            (session.delegation, session.delegated_at) = (session.delegation + 1, now);
            session.joins.clear();
        }
    }

    pub fn usage(&mut self, now: u64, id: &str, tokens: u64, window: u64) {
        if let Some(session) = self.get_mut(id)
            && now >= session.usage_at
        {
            // While a turn runs the count goes on; its end keeps the last.
            session.marked |= session.part
                && session.status == 2
                && (session.tokens, session.window) != (tokens, window);
            (session.usage_at, session.tokens, session.window) = (now, tokens, window);
        }
    }

    pub fn spent(&mut self, id: &str, cents: u64) {
        if let Some(session) = self.get_mut(id).filter(|session| session.confirmed) {
            session.cost = session.cost.max(cents);
        }
    }

    pub fn deleted(&mut self, id: &str) {
        let cost = self.cost(id);
        let mut gone = self.children_below(id);
        gone.push(id.to_owned());
        for id in &gone {
            let own = self.open.iter().filter(|open| open.caller == *id);
            let void: Vec<usize> = own.map(|open| open.number).collect();
            for number in void {
                self.refund(number);
            }
            // The host may run a call for a session that is gone in a new one, so that call stays reserved.
            let to = |open: &&Open| matches!(&open.goal, Goal::Prompt { id: to } if to == id);
            let callers: Vec<String> = self
                .open
                .iter()
                .filter(to)
                .map(|o| o.caller.clone())
                .collect();
            for caller in callers {
                self.unwait(&caller, id);
            }
            if !self.gone.contains(id) {
                self.gone.push(id.clone());
            }
        }
        let parent = self.get(id).and_then(|session| session.parent.clone());
        if let Some(parent) = parent.and_then(|parent| self.get_mut(&parent)) {
            parent.waits.retain(|awaited| awaited != id);
            parent.cost_of_gone += cost;
        }
        self.sessions.retain(|session| !gone.contains(&session.id));
        self.reading.retain(|root| !gone.contains(root));
    }
}

impl Known {
    fn set_spawned(&mut self, call: (String, bool)) {
        let before = self.spawned.replace(call).filter(|before| before.1);
        self.last = self.last.take().or(before);
    }
}

/// The message that a record says spawned its session, and whether its call was shown.
fn place(record: &Value) -> Option<(String, bool)> {
    let message = record["spawned"][0].as_str()?;
    Some((message.to_owned(), record["spawned"][1] != ""))
}

/// Whether a call is of an earlier message, or is the first shown of its message.
fn is_earlier(call: &(String, bool), known: &(String, bool)) -> bool {
    call.0 < known.0 || call.0 == known.0 && call.1 && !known.1
}
