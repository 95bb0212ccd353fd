//! The decision of a call.

use crate::model::{Answer, Ask, Goal, Known, Model, Open, Who};
use crate::relevance::Likely;
use crate::text::{Name, described_name, distance, is_task, name_of};

impl Model {
    pub fn decide(&mut self, ask: &Ask) -> Answer {
        if let Some(agent) = ask.speaker() {
            let caller = self.find_or_add(&ask.session);
            caller.agent.get_or_insert_with(|| agent.clone());
        }
        self.find_or_add(&ask.session);
        self.grant(&ask.session);
        let caller = self.find_or_add(&ask.session);
        caller.part = true;
        if caller.status == 2 && caller.status_at <= ask.now {
            (caller.status, caller.status_at) = (0, ask.now);
        }
        let turn = caller.turn;
        // The same call has one message, one id and the same content. The turn stands in for an unknown message.
        let within = match &ask.message {
            Some(message) => format!("message {message}"),
            None => format!("turn {turn}"),
        };
        let key = format!(
            "{} {within} {} {} {} {:?} {:?} {}",
            ask.session,
            ask.call,
            ask.agent,
            ask.description,
            ask.task_id,
            ask.model,
            ask.background
        );
        // A repeated call for a session that is gone costs nothing, and is decided again.
        let of = |open: &&Open| {
            let gone = |id: &str| self.get(id).is_none();
            open.call == key && matches!(&open.goal, Goal::Prompt { id } if gone(id))
        };
        if let Some(number) = self.open.iter().find(of).map(|open| open.number) {
            self.refund(number);
        }
        let known = self.calls.iter().find(|call| call.0 == key);
        if let Some((_, answer)) = known.cloned() {
            let joined = answer.session.clone().filter(|_| answer.action == "join");
            let Some(gone) = joined.filter(|id| self.by_id(id).is_none()) else {
                return answer;
            };
            // The call has asked nothing, so it costs nothing.
            self.calls.retain(|call| call.0 != key);
            let caller = self.get_mut(&ask.session).unwrap();
            if let Some(index) = caller.joins.iter().position(|id| *id == gone) {
                caller.joins.remove(index);
                if let Some(budget) = &mut caller.budget {
                    budget.1 = budget.1.saturating_sub(1);
                }
                caller.marked = true;
            }
        }
        let answer = self.judge(ask, &key);
        self.calls.push((key, answer.clone()));
        answer
    }

    fn judge(&mut self, ask: &Ask, key: &str) -> Answer {
        let deny = |rule, code| Answer {
            action: "deny",
            rule,
            code: Some(code),
            ..Answer::default()
        };
        let quote = |rule, code, message: String| Answer {
            message: Some(message),
            ..deny(rule, code)
        };
        let name = ask.task_id.as_deref().map(name_of);
        let caller = self.get(&ask.session).unwrap().clone();
        let subagent = caller.parent.is_some();
        if matches!(name, Some(Name::Invalid)) {
            self.offer(ask, Some(&ask.agent));
            return deny("G1", "invalid_task_id");
        }
        if self.rules.is_gone(&ask.agent) {
            return deny("G2", "unknown_agent");
        }
        let (limit, spent, reserved) = caller.budget.unwrap_or_default();
        let bound = subagent && !(limit == 0 && self.rules.host_decides_nesting);
        if let Some(agent) = ask.speaker()
            && (bound || !subagent)
            && self.rules.denies(agent, &ask.agent)
        {
            return deny("G3", "permission_denied");
        }
        let who = self.in_question(ask);
        // A text in the form of a task's id that is no session's name is an id.
        let name = match name {
            Some(Name::Slug(slug)) if who.is_none() && is_task(&slug) => Some(Name::Id(slug)),
            name => name,
        };
        let by_slug = matches!(name, Some(Name::Slug(_)));
        if let Some(who) = &who
            && !self.reaches(&ask.session, who, by_slug)
        {
            let shown = match &name {
                Some(Name::Id(given) | Name::Slug(given)) => given,
                _ => "last",
            };
            self.offer(ask, Some(&ask.agent));
            return Answer {
                message: Some(format!(
                    "Cannot resume session: not a child of caller session. Session \"{shown}\" is not owned by this caller. Name a session of your own, or give a new task_id to start one."
                )),
                ..deny("G4", "not_owner")
            };
        }
        if self.line(&ask.session).len() > self.rules.max_depth {
            return deny("G5", "depth_exceeded");
        }
        let (_, callable, _) = self
            .rules
            .agents
            .get(&ask.agent)
            .cloned()
            .unwrap_or_default();
        if bound && limit == 0 {
            return quote("G6", "no_task_budget", "Caller has no task budget configured. Set task_budget > 0 on the calling agent to enable nested delegation.".to_owned());
        }
        if bound && !callable {
            return quote(
                "G7",
                "target_not_callable",
                format!(
                    "Target \"{}\" is not callable by subagents. Set callable_by_subagents: true on the target agent to enable.",
                    ask.agent
                ),
            );
        }
        if bound && spent + reserved >= limit {
            return quote(
                "G8",
                "budget_exhausted",
                format!(
                    "Task budget exhausted ({limit}/{limit} calls). Return control to caller to continue."
                ),
            );
        }
        if let Some(model) = &ask.model
            && !self.rules.runs_on(&ask.agent, model)
        {
            return deny("G9", "model_not_allowed");
        }
        if let Some(limit) = self.rules.max_cost
            && self.cost(&self.root(&ask.session)) >= limit
        {
            return deny("G10", "limit_reached");
        }
        match (&name, who) {
            (Some(name), Some(who)) => self.found(ask, key, name, who),
            (Some(Name::Slug(slug)), None) => {
                let top = match self.rules.caller_scope {
                    true => ask.session.clone(),
                    false => self.root(&ask.session),
                };
                let own = self.own(&top, None);
                let edits = |s: &&Known| {
                    let mut names: Vec<String> = Vec::new();
                    if s.parent.as_ref() == Some(&ask.session) {
                        names.extend(s.aliases.iter().map(|alias| alias.0.clone()));
                    }
                    names.splice(0..0, s.slug.clone());
                    let edits = names.iter().map(|known| distance(known, slug)).min()?;
                    Some((edits, s.id.clone()))
                };
                // Two edits turn a short name into any other.
                let near =
                    |(edits, _): &(usize, String)| *edits <= 2 && 2 * edits <= slug.chars().count();
                let near = own.iter().filter_map(edits).filter(near);
                let nearest = near.min_by_key(|(edits, _)| *edits);
                if let Some((_, id)) = &nearest {
                    self.find_or_add(id).promise_name();
                }
                let undone = self.undone_holder(&self.root(&ask.session), slug);
                let answer = self.spawn(ask, key, "R5", slug.clone());
                Answer {
                    notice: Some(nearest.is_some() || undone.is_some()),
                    ..answer
                }
            }
            (Some(Name::Id(id)), None) => self.missing(ask, key, id),
            (Some(_), None) => {
                self.offer(ask, Some(&ask.agent));
                let answer = self.spawn(ask, key, "R9", described_name(&ask.description));
                Answer {
                    notice: Some(true),
                    ..answer
                }
            }
            (None, _) => self.unnamed(ask, key),
        }
    }

    fn found(&mut self, ask: &Ask, key: &str, name: &Name, who: Who) -> Answer {
        let base = match name {
            Name::Slug(slug) => slug.clone(),
            _ => described_name(&ask.description),
        };
        let own = match &who {
            Who::Ticket(number) => Some(self.open(*number).agent.clone()),
            Who::Session(id) => self.get(id).unwrap().agent.clone(),
        };
        let other = own.as_ref().is_some_and(|agent| *agent != ask.agent);
        let gone = other && own.is_some_and(|agent| self.rules.is_gone(&agent));
        let mismatch = Some(self.rules.mismatch).filter(|_| other && !gone);
        let id = match who {
            Who::Ticket(_) if mismatch.is_none_or(|it| it == "resume") => {
                return self.join(ask, key, "R1", who);
            }
            Who::Ticket(_) => return self.mismatched(ask, key, None, base),
            Who::Session(id) => id,
        };
        let session = self.get(&id).unwrap().clone();
        let shared = self.shares(&ask.session, &id);
        let before = session.model.as_ref();
        let before = before.is_some_and(|model| !self.rules.runs_on(&ask.agent, model));
        let no_model = before && ask.model().is_none();
        if self.running(&session) && mismatch.is_none_or(|it| it == "resume") {
            return Answer {
                notice: Some(gone || shared || no_model),
                ..self.join(ask, key, "R1", Who::Session(id))
            };
        }
        if mismatch.is_some() {
            return self.mismatched(ask, key, Some(&id), base);
        }
        if self.full(&session) {
            return match self.rules.context_full {
                "spawn" => self.spawn(ask, key, "R3", base),
                action => self.prompt(ask, key, "R3", action, &id),
            };
        }
        let rule = if matches!(name, Name::Last) {
            "R9"
        } else {
            "R4"
        };
        if rule == "R9" {
            self.offer(ask, Some(&ask.agent));
        }
        let answer = self.prompt(ask, key, rule, "resume", &id);
        Answer {
            notice: Some(gone || shared || no_model || self.other(ask, &id).is_some()),
            ..answer
        }
    }

    /// Another session that the name of a call is an alias of.
    fn other(&self, ask: &Ask, id: &str) -> Option<String> {
        let Name::Slug(slug) = name_of(ask.task_id.as_ref()?) else {
            return None;
        };
        let all = self.namesakes(&ask.session, &slug);
        all.into_iter().find(|other| other != id)
    }

    fn missing(&mut self, ask: &Ask, key: &str, id: &str) -> Answer {
        if let Some(near) = self.near_id(ask, id) {
            if self.running(self.get(&near).unwrap()) {
                return self.join(ask, key, "R6", Who::Session(near));
            }
            self.offer(ask, Some(&ask.agent));
            let answer = self.prompt(ask, key, "R6", "resume", &near);
            return Answer {
                notice: Some(true),
                ..answer
            };
        }
        let mut offered = self.offer(ask, Some(&ask.agent));
        if offered.0.is_empty() {
            offered = self.offer(ask, None);
        }
        if offered.0.is_empty() {
            let answer = self.spawn(ask, key, "R8", described_name(&ask.description));
            return Answer {
                notice: Some(true),
                ..answer
            };
        }
        Answer {
            action: "deny",
            rule: "R7",
            code: Some("unknown_session"),
            candidates: Some(offered),
            ..Answer::default()
        }
    }

    fn unnamed(&mut self, ask: &Ask, key: &str) -> Answer {
        let own = self.own(&ask.session, Some(&ask.agent));
        let fits = |session: &Known| {
            ask.now.saturating_sub(session.last_used) <= self.rules.ttl
                && !self.running(session)
                && !self.full(session)
        };
        let any = own.iter().find(|s| fits(s)).map(|s| s.id.clone());
        let mut likely = self.likely(ask, Some(&ask.agent), 8, true);
        likely.truncate(2);
        let alone = likely.len() < 2 || likely[0].score - likely[1].score >= 65_536;
        let qualifies = |best: &Likely| {
            self.rules
                .auto_resume
                .is_some_and(|least| best.confidence as f64 / 1000.0 >= least)
                && alone
                && self.may_go_on(&best.id, ask)
                && fits(self.get(&best.id).unwrap())
        };
        let fresh = self.wants_fresh(ask);
        let best = likely.first().filter(|best| !fresh && qualifies(best));
        let best = best.map(|best| best.id.clone());
        let list = self.offer(ask, Some(&ask.agent));
        if let Some(id) = best {
            return self.prompt(ask, key, "R10", "resume", &id);
        }
        if let (true, Some(id)) = (self.rules.same_agent_resumes, any) {
            return self.prompt(ask, key, "R11", "resume", &id);
        }
        let answer = self.spawn(ask, key, "R12", described_name(&ask.description));
        let hint = list
            .0
            .first()
            .filter(|(id, confidence)| *confidence >= 500 && !fresh && self.may_go_on(id, ask))
            .filter(|(id, _)| self.get(id).unwrap().parent.as_ref() == Some(&ask.session));
        let hint = hint.map(|(id, _)| id.clone());
        if let Some(id) = &hint {
            let session = self.find_or_add(id);
            session.hints.0 += 1;
            session.hint_to = Some(ask.session.clone());
            session.marked = true;
        }
        Answer {
            candidates: Some(list),
            notice: Some(hint.is_some()),
            ..answer
        }
    }

    /// The candidates of a caller, and how many more sessions it could resume: the host stores their names, so that they go
    /// on resolving.
    fn offer(&mut self, ask: &Ask, agent: Option<&str>) -> (Vec<(String, u64)>, usize) {
        let likely = self.likely(ask, agent, 64, false);
        let mut offered: Vec<(String, u64)> = likely
            .into_iter()
            .map(|it| (it.id, it.confidence))
            .collect();
        for session in self.own(&ask.session, agent) {
            if offered.iter().all(|(id, _)| *id != session.id) {
                offered.push((session.id.clone(), 0));
            }
        }
        let others = offered.len().saturating_sub(5);
        offered.truncate(5);
        for (id, _) in &offered {
            self.find_or_add(id).promise_name();
        }
        (offered, others)
    }

    fn reserve(&mut self, ask: &Ask, key: &str, goal: Goal) -> usize {
        let caller = self.get_mut(&ask.session).unwrap();
        if let Some(budget) = &mut caller.budget
            && budget.0 > 0
        {
            budget.2 += 1;
        }
        let (turn, delegation) = (caller.turn, caller.delegation);
        let before = match &goal {
            Goal::Prompt { id } => self.get(id).map_or(0, |session| session.delegation),
            Goal::Spawn { .. } => 0,
        };
        self.open.push(Open {
            number: self.tickets,
            caller: ask.session.clone(),
            turn,
            delegation,
            before,
            goal,
            given: false,
            agent: ask.agent.clone(),
            description: ask.description.clone(),
            prompt: ask.prompt.clone(),
            by_user: ask.by_user,
            message: ask.message.clone(),
            model: ask.model(),
            waits: !ask.background,
            call: key.to_owned(),
            joined: Vec::new(),
        });
        self.tickets += 1;
        self.tickets - 1
    }

    fn prompt(
        &mut self,
        ask: &Ask,
        key: &str,
        rule: &'static str,
        action: &'static str,
        id: &str,
    ) -> Answer {
        self.note_resumed(ask, id);
        self.end_hint(ask, id);
        let ticket = self.reserve(ask, key, Goal::Prompt { id: id.to_owned() });
        let model = self.model_for(ask, id);
        self.find_or_add(id).promise_name();
        if let (Some(other), "resume") = (self.other(ask, id), action) {
            self.find_or_add(&other).promise_name();
        }
        if !ask.background {
            self.wait(&ask.session, id);
        }
        Answer {
            action,
            rule,
            session: Some(id.to_owned()),
            slug: self.name_for(&ask.session, id),
            model,
            ticket: Some(ticket),
            ..Answer::default()
        }
    }

    fn spawn(&mut self, ask: &Ask, key: &str, rule: &'static str, base: String) -> Answer {
        let root = self.root(&ask.session);
        // A turn may go on in reverted messages. A redo must find each name where it was.
        let message = ask.message.as_ref();
        let reverted = message.is_some_and(|message| self.is_reverted(&ask.session, message));
        // The undone session keeps a name that the new one may not have.
        if !reverted && !self.is_other_name(&root, &base) {
            self.free_undone(&root, &base);
        }
        let slug = self.free_slug(&root, &base, false);
        let derived = self.free_derived(&root, &slug, None);
        let goal = Goal::Spawn {
            slug: slug.clone(),
            derived: derived.clone(),
        };
        Answer {
            action: "spawn",
            rule,
            session: Some(derived),
            slug: Some(slug),
            model: ask.model(),
            ticket: Some(self.reserve(ask, key, goal)),
            ..Answer::default()
        }
    }

    /// The answer about a session of another agent, or about one that is still to be made.
    fn mismatched(&mut self, ask: &Ask, key: &str, id: Option<&str>, base: String) -> Answer {
        match (self.rules.mismatch, id) {
            ("deny", _) => {
                if let Some(id) = id {
                    self.find_or_add(id).promise_name();
                }
                self.offer(ask, Some(&ask.agent));
                Answer {
                    action: "deny",
                    rule: "R2",
                    code: Some("agent_mismatch"),
                    ..Answer::default()
                }
            }
            ("resume", Some(id)) => self.prompt(ask, key, "R2", "resume", id),
            _ => self.spawn(ask, key, "R2", base),
        }
    }

    fn join(&mut self, ask: &Ask, key: &str, rule: &'static str, who: Who) -> Answer {
        let caller = self.get_mut(&ask.session).unwrap();
        if let Some(budget) = &mut caller.budget {
            budget.1 += u64::from(budget.0 > 0);
            caller.marked = true;
        }
        let part = (caller.turn, caller.delegation);
        let model = match &who {
            Who::Session(id) => self.model_for(ask, id),
            Who::Ticket(number) => ask.model().or(self.open(*number).model.clone()),
        };
        let (session, slug) = match who {
            Who::Session(id) => {
                self.note_resumed(ask, &id);
                self.end_hint(ask, &id);
                let session = self.get_mut(&id).unwrap();
                session.last_used = session.last_used.max(ask.now);
                session.promise_name();
                session.choose(ask.model());
                let slug = self.name_for(&ask.session, &id);
                if !ask.background {
                    self.wait(&ask.session, &id);
                }
                (id, slug)
            }
            Who::Ticket(number) => {
                let open = self
                    .open
                    .iter_mut()
                    .find(|open| open.number == number)
                    .unwrap();
                let call = (ask.session.clone(), part, !ask.background, key.to_owned());
                open.joined.push(call);
                match &open.goal {
                    Goal::Spawn { slug, derived } => (derived.clone(), Some(slug.clone())),
                    Goal::Prompt { id } => (id.clone(), None),
                }
            }
        };
        let caller = self.get_mut(&ask.session).unwrap();
        if caller.budget.is_some() {
            caller.joins.push(session.clone());
        }
        Answer {
            action: "join",
            rule,
            session: Some(session),
            slug,
            model,
            ..Answer::default()
        }
    }

    /// The model of a call that prompts a session: its own, or the last that a call chose if the agent still has it.
    fn model_for(&self, ask: &Ask, id: &str) -> Option<String> {
        let before = self.get(id).and_then(|session| session.model.clone());
        let before = before.filter(|model| self.rules.runs_on(&ask.agent, model));
        ask.model().or(before)
    }
}
