//! The engine against a model of it: plain lists and loops, written from the design alone.
//!
//! Random worlds are played to both at once, and after each step both must say the same. The steps of
//! a world that tells them apart are cut down to the few that matter before they are printed.
//! `ORACLE_WORLDS` sets how many worlds are played, `ORACLE_SEED` with which to begin.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use opencode_delegate::{Engine, Event, Request};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const WORLDS: u64 = 600;
const STEPS: usize = 60;

/// Splitmix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }
    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

// ---- The model.

#[derive(Clone, Debug, PartialEq)]
struct Ask {
    now: u64,
    call: String,
    session: String,
    caller_agent: Option<String>,
    agent: String,
    description: String,
    task_id: Option<String>,
    background: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Goal {
    Spawn { slug: String, derived: String },
    Prompt { id: String },
}

#[derive(Clone, Debug)]
struct Open {
    number: usize,
    caller: String,
    turn: u32,
    goal: Goal,
    agent: String,
    description: String,
    waits: bool,
    call: String,
    joined: Vec<(String, u32, bool, String)>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    id: String,
    parent: Option<String>,
    told: bool,
    agent: Option<String>,
    description: String,
    slug: Option<String>,
    derived: Option<String>,
    /// The handle that it was told with, while a call is open that has it.
    claim: Option<String>,
    /// 0 busy, 1 retry, 2 idle.
    status: u8,
    status_at: u64,
    last_used: u64,
    tokens: u64,
    window: u64,
    usage_at: u64,
    /// Limit, spent, reserved.
    budget: Option<(u64, u64, u64)>,
    turn: u32,
    waits: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Answer {
    action: &'static str,
    rule: &'static str,
    session: Option<String>,
    slug: Option<String>,
    code: Option<&'static str>,
    /// Where the design quotes it.
    message: Option<String>,
    /// Where the design says what they are.
    candidates: Option<Vec<String>>,
    /// Where the design says whether there is one.
    notice: Option<bool>,
    ticket: Option<usize>,
}

/// The budget, whether subagents may call it, and its rules about targets.
type Agent = (u64, bool, Vec<(String, &'static str)>);

#[derive(Clone, Debug, Default)]
struct Rules {
    agents: BTreeMap<String, Agent>,
    last_match: bool,
    max_depth: usize,
    caller_scope: bool,
    mismatch: &'static str,
    context_full: &'static str,
    context_limit: f64,
    ttl: u64,
    same_agent_resumes: bool,
    auto_resume: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
enum Who {
    Session(String),
    Ticket(usize),
}

enum Name {
    Invalid,
    Last,
    Id(String),
    Slug(String),
}

#[derive(Default)]
struct Model {
    rules: Rules,
    /// In the order in which they became known.
    sessions: Vec<Known>,
    open: Vec<Open>,
    tickets: usize,
    gone: Vec<String>,
    calls: Vec<(String, Answer)>,
}

impl Known {
    /// Whether it is about to get the handle of an open call, or has it already: either is right.
    fn is_claimed(&self) -> bool {
        self.claim.is_some() && self.slug.is_none()
    }
}

fn kept(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

fn slug_of(text: &str) -> Option<String> {
    let mut slug = String::new();
    let lower: Vec<char> = text.to_lowercase().chars().collect();
    for (i, c) in lower.iter().enumerate() {
        if kept(*c) {
            slug.push(*c);
        } else if i == 0 || kept(lower[i - 1]) {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches('-').to_owned();
    (!slug.is_empty() && slug.chars().count() <= 64).then_some(slug)
}

fn handle_of(description: &str) -> String {
    let whole = slug_of(description).unwrap_or_default();
    let mut handle = String::new();
    for word in whole.split('-').filter(|word| !word.is_empty()) {
        let longer = if handle.is_empty() {
            word.to_owned()
        } else {
            format!("{handle}-{word}")
        };
        if longer.chars().count() > 32 {
            break;
        }
        handle = longer;
    }
    handle
}

fn name_of(text: &str) -> Name {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
    if bare.starts_with("ses_") {
        return Name::Id(bare.to_owned());
    }
    match slug_of(text) {
        None => Name::Invalid,
        Some(slug) if slug == "last" => Name::Last,
        Some(slug) => Name::Slug(slug),
    }
}

fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                change.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1)
            };
        }
    }
    rows[a.len()][b.len()]
}

/// Whether `*` and `?` in a pattern can stand for what they must.
fn wild(pattern: &[char], text: &[char]) -> bool {
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some('*'), _) => {
            wild(&pattern[1..], text) || (!text.is_empty() && wild(pattern, &text[1..]))
        }
        (Some('?'), Some(_)) => wild(&pattern[1..], &text[1..]),
        (Some(p), Some(t)) if p == t => wild(&pattern[1..], &text[1..]),
        _ => false,
    }
}

impl Rules {
    fn denies(&self, caller: &str, target: &str) -> bool {
        let Some((_, _, rules)) = self.agents.get(caller) else {
            return false;
        };
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        let mut decisive: Option<&(String, &str)> = None;
        for rule in rules {
            if !wild(&chars(&rule.0), &chars(target)) {
                continue;
            }
            // More letters that are none of a wildcard make a rule the more specific.
            let letters = |rule: &str| rule.chars().filter(|c| !"*?".contains(*c)).count();
            let later = decisive.is_none_or(|so_far| letters(&rule.0) >= letters(&so_far.0));
            if self.last_match || later {
                decisive = Some(rule);
            }
        }
        decisive.is_some_and(|rule| rule.1 == "deny")
    }
}

impl Model {
    /// Lets go of roots that were never told of and that nothing hangs on any more.
    fn tidy(&mut self) {
        let held = |s: &Known| {
            s.told
                || s.parent.is_some()
                || self
                    .sessions
                    .iter()
                    .any(|child| child.parent.as_ref() == Some(&s.id))
                || self.open.iter().any(|open| open.caller == s.id)
        };
        let held: Vec<bool> = self.sessions.iter().map(held).collect();
        let mut held = held.iter();
        self.sessions.retain(|_| *held.next().unwrap());
    }

    fn get(&self, id: &str) -> Option<&Known> {
        self.sessions.iter().find(|session| session.id == id)
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut Known> {
        self.sessions.iter_mut().find(|session| session.id == id)
    }

    fn meet(&mut self, id: &str) -> &mut Known {
        if self.get(id).is_none() {
            self.sessions.push(Known {
                id: id.to_owned(),
                status: 2,
                ..Known::default()
            });
        }
        self.get_mut(id).unwrap()
    }

    /// A session and all above it, from below.
    fn line(&self, id: &str) -> Vec<String> {
        let mut line = vec![id.to_owned()];
        while let Some(parent) = self
            .get(line.last().unwrap())
            .and_then(|s| s.parent.clone())
        {
            line.push(parent);
        }
        line
    }

    fn root(&self, id: &str) -> String {
        self.line(id).pop().unwrap()
    }

    fn children_below(&self, id: &str) -> Vec<String> {
        let below = |s: &&Known| s.id != id && self.line(&s.id).contains(&id.to_owned());
        self.sessions
            .iter()
            .filter(below)
            .map(|s| s.id.clone())
            .collect()
    }

    /// What the caller may resume, the last used first.
    fn own(&self, caller: &str, agent: Option<&str>) -> Vec<&Known> {
        let primary = self
            .get(caller)
            .is_none_or(|caller| caller.parent.is_none());
        let mut own: Vec<(usize, &Known)> = Vec::new();
        for (order, session) in self.sessions.iter().enumerate() {
            let theirs = if primary {
                session.parent.is_some() && self.root(&session.id) == caller
            } else {
                session.parent.as_deref() == Some(caller)
            };
            if theirs && agent.is_none_or(|agent| session.agent.as_deref() == Some(agent)) {
                own.push((order, session));
            }
        }
        own.sort_by_key(|(order, session)| std::cmp::Reverse((session.last_used, *order)));
        own.into_iter().map(|(_, session)| session).collect()
    }

    fn by_slug(&self, root: &str, slug: &str) -> Option<Who> {
        for session in &self.sessions {
            if session.slug.as_deref() == Some(slug) && self.root(&session.id) == root {
                return Some(Who::Session(session.id.clone()));
            }
        }
        for open in &self.open {
            if matches!(&open.goal, Goal::Spawn { slug: held, .. } if held == slug)
                && self.root(&open.caller) == root
            {
                return Some(Who::Ticket(open.number));
            }
        }
        None
    }

    fn by_id(&self, id: &str) -> Option<Who> {
        if self.get(id).is_some() {
            return Some(Who::Session(id.to_owned()));
        }
        for session in &self.sessions {
            if session.derived.as_deref() == Some(id) {
                return Some(Who::Session(session.id.clone()));
            }
        }
        for open in &self.open {
            if matches!(&open.goal, Goal::Spawn { derived, .. } if derived == id) {
                return Some(Who::Ticket(open.number));
            }
        }
        None
    }

    fn open(&self, number: usize) -> &Open {
        self.open.iter().find(|open| open.number == number).unwrap()
    }

    fn running(&self, session: &Known) -> bool {
        let prompted = |open: &Open| matches!(&open.goal, Goal::Prompt { id } if *id == session.id);
        session.status != 2 || self.open.iter().any(prompted)
    }

    /// Whether one session's turn cannot end before another's. Open calls wait too, if they count.
    fn waits_for(&self, waiting: &str, caller: &str, open_calls: bool) -> bool {
        let above = self.line(caller);
        let mut seen = vec![waiting.to_owned()];
        let mut from = 0;
        while from < seen.len() {
            if above.contains(&seen[from]) {
                return true;
            }
            let mut next: Vec<String> = Vec::new();
            if let Some(session) = self.get(&seen[from]) {
                next.extend(session.waits.iter().cloned());
            }
            for open in self.open.iter().filter(|_| open_calls) {
                if let Goal::Prompt { id } = &open.goal
                    && open.caller == seen[from]
                    && open.waits
                {
                    next.push(id.clone());
                }
            }
            for id in next {
                if self.get(&id).is_some_and(|s| self.running(s)) && !seen.contains(&id) {
                    seen.push(id);
                }
            }
            from += 1;
        }
        false
    }

    fn full(&self, session: &Known) -> bool {
        session.window > 0
            && session.tokens as f64 > self.rules.context_limit * session.window as f64
    }

    fn reaches(&self, caller: &str, who: &Who, by_slug: bool, open_calls: bool) -> bool {
        let root = self.root(caller);
        let shared = by_slug && !self.rules.caller_scope;
        match who {
            Who::Ticket(number) => {
                let owner = &self.open(*number).caller;
                self.root(owner) == root && (caller == root || shared || owner == caller)
            }
            Who::Session(id) if caller == root => *id != root && self.root(id) == root,
            Who::Session(id) => {
                let scope = if shared {
                    self.root(id) == root
                } else {
                    self.get(id).unwrap().parent.as_deref() == Some(caller)
                };
                scope && !self.waits_for(id, caller, open_calls)
            }
        }
    }

    fn in_question(&self, ask: &Ask) -> Option<Who> {
        let root = self.root(&ask.session);
        match name_of(ask.task_id.as_ref()?) {
            Name::Invalid => None,
            Name::Last => {
                let own = self.own(&ask.session, Some(&ask.agent));
                own.first().map(|session| Who::Session(session.id.clone()))
            }
            Name::Id(id) => self.by_id(&id),
            Name::Slug(slug) => self.by_slug(&root, &slug),
        }
    }

    fn near_id(&self, ask: &Ask, id: &str) -> Option<String> {
        let own = self.own(&ask.session, Some(&ask.agent));
        let near: Vec<&&Known> = own.iter().filter(|s| distance(&s.id, id) <= 2).collect();
        (near.len() == 1).then(|| near[0].id.clone())
    }

    /// Whether the design leaves open what becomes of it.
    fn is_open_question(&self, ask: &Ask) -> bool {
        if self.gone.contains(&ask.session) {
            return true;
        }
        let by_slug = matches!(ask.task_id.as_deref().map(name_of), Some(Name::Slug(_)));
        let who = self.in_question(ask);
        if matches!(who, Some(Who::Ticket(_))) && self.sessions.iter().any(Known::is_claimed) {
            return true;
        }
        match (who, ask.task_id.as_deref().map(name_of)) {
            (Some(who), _) => {
                let reach = |open| self.reaches(&ask.session, &who, by_slug, open);
                reach(true) != reach(false)
            }
            (None, Some(Name::Id(id))) => self
                .near_id(ask, &id)
                .is_some_and(|near| self.waits_for(&near, &ask.session, true)),
            _ => false,
        }
    }

    fn grant(&mut self, id: &str) {
        let agent = self.get(id).and_then(|s| s.agent.clone());
        let budget = agent.map(|agent| self.rules.agents.get(&agent).map_or(0, |a| a.0));
        let session = self.meet(id);
        if session.parent.is_some() && session.budget.is_none() {
            session.budget = budget.map(|limit| (limit, 0, 0));
        }
    }

    fn decide(&mut self, ask: &Ask) -> Answer {
        if let Some(agent) = &ask.caller_agent {
            let caller = self.meet(&ask.session);
            caller.agent.get_or_insert_with(|| agent.clone());
        }
        self.meet(&ask.session);
        self.grant(&ask.session);
        let caller = self.meet(&ask.session);
        if caller.status == 2 && caller.status_at <= ask.now {
            (caller.status, caller.status_at) = (0, ask.now);
        }
        let turn = caller.turn;
        // The same call: of one turn, by its id, and asking for the same.
        let key = format!(
            "{} {} {turn} {} {} {:?} {}",
            ask.session, ask.call, ask.agent, ask.description, ask.task_id, ask.background
        );
        if let Some((_, answer)) = self.calls.iter().find(|call| call.0 == key) {
            return answer.clone();
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
            return deny("G1", "invalid_task_id");
        }
        if !self.rules.agents.is_empty() && !self.rules.agents.contains_key(&ask.agent) {
            return deny("G2", "unknown_agent");
        }
        if let Some(agent) = &ask.caller_agent
            && self.rules.denies(agent, &ask.agent)
        {
            return deny("G3", "permission_denied");
        }
        let by_slug = matches!(name, Some(Name::Slug(_)));
        let who = self.in_question(ask);
        if let Some(who) = &who
            && !self.reaches(&ask.session, who, by_slug, false)
        {
            let shown = match (&name, who) {
                (Some(Name::Id(id)), _) => Some(id.clone()),
                (_, Who::Session(id)) => Some(id.clone()),
                _ => None,
            };
            return Answer {
                message: shown.map(|id| format!("Cannot resume session: not a child of caller session. Session \"{id}\" is not owned by this caller.")),
                ..deny("G4", "not_owner")
            };
        }
        if self.line(&ask.session).len() > self.rules.max_depth {
            return deny("G5", "depth_exceeded");
        }
        let (limit, spent, reserved) = caller.budget.unwrap_or_default();
        let (_, callable, _) = self
            .rules
            .agents
            .get(&ask.agent)
            .cloned()
            .unwrap_or_default();
        if subagent && limit == 0 {
            return quote("G6", "no_task_budget", "Caller has no task budget configured. Set task_budget > 0 on the calling agent to enable nested delegation.".to_owned());
        }
        if subagent && !callable {
            return quote(
                "G7",
                "target_not_callable",
                format!(
                    "Target \"{}\" is not callable by subagents. Set callable_by_subagents: true on the target agent to enable.",
                    ask.agent
                ),
            );
        }
        if subagent && spent + reserved >= limit {
            return quote(
                "G8",
                "budget_exhausted",
                format!(
                    "Task budget exhausted ({limit}/{limit} calls). Return control to caller to continue."
                ),
            );
        }
        match (&name, who) {
            (Some(name), Some(who)) => self.found(ask, key, name, who),
            (Some(Name::Slug(slug)), None) => {
                let root = self.root(&ask.session);
                let own = self.own(&root, None);
                let slugs = own.iter().filter_map(|s| s.slug.as_ref());
                let nearest = slugs.map(|known| distance(known, slug)).min();
                let notice = match nearest {
                    Some(1) if slug.chars().count() > 3 => Some(true),
                    Some(0..=2) => None,
                    _ => Some(false),
                };
                let answer = self.spawn(ask, key, "R5", slug.clone());
                Answer { notice, ..answer }
            }
            (Some(Name::Id(id)), None) => self.missing(ask, key, id),
            (Some(_), None) => {
                let answer = self.spawn(ask, key, "R9", handle_of(&ask.description));
                Answer {
                    notice: Some(true),
                    ..answer
                }
            }
            (None, _) => self.unnamed(ask, key),
        }
    }

    fn found(&mut self, ask: &Ask, key: &str, name: &Name, who: Who) -> Answer {
        let id = match who {
            Who::Ticket(_) => return self.join(ask, key, "R1", who),
            Who::Session(id) => id,
        };
        let session = self.get(&id).unwrap().clone();
        let base = match name {
            Name::Slug(slug) => slug.clone(),
            _ => handle_of(&ask.description),
        };
        if self.running(&session) {
            return self.join(ask, key, "R1", Who::Session(id));
        }
        if session
            .agent
            .as_ref()
            .is_some_and(|agent| *agent != ask.agent)
        {
            return match self.rules.mismatch {
                "deny" => Answer {
                    action: "deny",
                    rule: "R2",
                    code: Some("agent_mismatch"),
                    ..Answer::default()
                },
                "spawn" => self.spawn(ask, key, "R2", base),
                _ => self.prompt(ask, key, "R2", "resume", &id),
            };
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
        let answer = self.prompt(ask, key, rule, "resume", &id);
        Answer {
            notice: Some(false),
            ..answer
        }
    }

    fn missing(&mut self, ask: &Ask, key: &str, id: &str) -> Answer {
        if let Some(near) = self.near_id(ask, id) {
            if self.running(self.get(&near).unwrap()) {
                return self.join(ask, key, "R6", Who::Session(near));
            }
            let answer = self.prompt(ask, key, "R6", "resume", &near);
            return Answer {
                notice: Some(true),
                ..answer
            };
        }
        let mut own = self.own(&ask.session, Some(&ask.agent));
        if own.is_empty() {
            own = self.own(&ask.session, None);
        }
        if own.is_empty() {
            let answer = self.spawn(ask, key, "R8", handle_of(&ask.description));
            return Answer {
                notice: Some(true),
                ..answer
            };
        }
        Answer {
            action: "deny",
            rule: "R7",
            code: Some("unknown_session"),
            candidates: Some(own.iter().take(5).map(|s| s.id.clone()).collect()),
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
        let first = own.first().filter(|s| fits(s)).map(|s| s.id.clone());
        let any = own.iter().find(|s| fits(s)).map(|s| s.id.clone());
        let list: Vec<String> = own.iter().take(5).map(|s| s.id.clone()).collect();
        if let (Some(least), Some(id)) = (self.rules.auto_resume, first)
            && least <= 0.0
        {
            return self.prompt(ask, key, "R10", "resume", &id);
        }
        if let (true, Some(id)) = (self.rules.same_agent_resumes, any) {
            return self.prompt(ask, key, "R11", "resume", &id);
        }
        let answer = self.spawn(ask, key, "R12", handle_of(&ask.description));
        Answer {
            candidates: Some(list),
            notice: Some(false),
            ..answer
        }
    }

    fn reserve(&mut self, ask: &Ask, key: &str, goal: Goal) -> usize {
        let caller = self.get_mut(&ask.session).unwrap();
        if let Some(budget) = &mut caller.budget {
            budget.2 += 1;
        }
        let turn = caller.turn;
        self.open.push(Open {
            number: self.tickets,
            caller: ask.session.clone(),
            turn,
            goal,
            agent: ask.agent.clone(),
            description: ask.description.clone(),
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
        let ticket = self.reserve(ask, key, Goal::Prompt { id: id.to_owned() });
        Answer {
            action,
            rule,
            session: Some(id.to_owned()),
            slug: self.get(id).unwrap().slug.clone(),
            ticket: Some(ticket),
            ..Answer::default()
        }
    }

    fn free_slug(&self, root: &str, base: &str) -> String {
        let mut slug = base.to_owned();
        let mut number = 2;
        while self.by_slug(root, &slug).is_some() {
            slug = format!("{base}-{number}");
            number += 1;
        }
        slug
    }

    /// The derived id with as few digits as keep it apart from every other session's.
    fn free_derived(&self, root: &str, slug: &str, own: Option<&str>) -> String {
        let digest: String = Sha256::digest(root.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let mut digits = 4;
        loop {
            let id = format!("ses_{}_{slug}", &digest[..digits]);
            match self.by_id(&id) {
                None => return id,
                Some(Who::Session(holder)) if Some(&*holder) == own => return id,
                Some(_) => digits += 4,
            }
        }
    }

    fn spawn(&mut self, ask: &Ask, key: &str, rule: &'static str, base: String) -> Answer {
        let root = self.root(&ask.session);
        let slug = self.free_slug(&root, &base);
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
            ticket: Some(self.reserve(ask, key, goal)),
            ..Answer::default()
        }
    }

    fn join(&mut self, ask: &Ask, key: &str, rule: &'static str, who: Who) -> Answer {
        let caller = self.get_mut(&ask.session).unwrap();
        if let Some(budget) = &mut caller.budget {
            budget.1 += 1;
        }
        let turn = caller.turn;
        let (session, slug) = match who {
            Who::Session(id) => {
                let session = self.get_mut(&id).unwrap();
                session.last_used = session.last_used.max(ask.now);
                let slug = session.slug.clone();
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
                let call = (ask.session.clone(), turn, !ask.background, key.to_owned());
                open.joined.push(call);
                match &open.goal {
                    Goal::Spawn { slug, derived } => (derived.clone(), Some(slug.clone())),
                    Goal::Prompt { id } => (id.clone(), None),
                }
            }
        };
        Answer {
            action: "join",
            rule,
            session: Some(session),
            slug,
            ..Answer::default()
        }
    }

    fn wait(&mut self, caller: &str, id: &str) {
        if let Some(caller) = self.get_mut(caller)
            && !caller.waits.iter().any(|waits| waits == id)
        {
            caller.waits.push(id.to_owned());
        }
    }

    /// The budget of a caller whose turn has not ended since.
    fn budget(&mut self, caller: &str, turn: u32) -> Option<&mut (u64, u64, u64)> {
        let caller = self.get_mut(caller)?;
        if caller.turn == turn {
            caller.budget.as_mut()
        } else {
            None
        }
    }

    fn close(&mut self, number: usize) -> Option<Open> {
        let at = self.open.iter().position(|open| open.number == number)?;
        Some(self.open.remove(at))
    }

    fn refund(&mut self, number: usize) {
        let Some(open) = self.close(number) else {
            return;
        };
        self.calls.retain(|call| call.0 != open.call);
        if let Some(budget) = self.budget(&open.caller, open.turn) {
            budget.2 -= 1;
        }
        for (caller, turn, _, call) in &open.joined {
            self.calls.retain(|known| known.0 != *call);
            if let Some(budget) = self.budget(caller, *turn) {
                budget.1 -= 1;
            }
        }
        self.name_children(&open.caller);
    }

    fn commit(&mut self, number: usize, id: &str, now: u64) {
        let Some(open) = self.close(number) else {
            return;
        };
        if let Some(budget) = self.budget(&open.caller, open.turn) {
            budget.2 -= 1;
            budget.1 += 1;
        }
        if matches!(&open.goal, Goal::Spawn { derived, .. } if derived == id) {
            self.gone.retain(|gone| gone != id);
        }
        if self.gone.iter().any(|gone| gone == id) {
            self.name_children(&open.caller);
            return;
        }
        let caller = open.caller.clone();
        let child = self.meet(id);
        if child.parent.is_none() {
            child.parent = Some(caller.clone());
        }
        child.told = true;
        if child.description.is_empty() {
            child.description = open.description.clone();
        }
        child.agent.get_or_insert_with(|| open.agent.clone());
        if child.status_at <= now {
            (child.status, child.status_at) = (0, now);
        }
        child.last_used = child.last_used.max(now);
        let nameless = child.slug.is_none();
        self.grant(id);
        if nameless {
            let base = match open.goal {
                Goal::Spawn { slug, .. } => slug,
                Goal::Prompt { .. } => handle_of(&self.get(id).unwrap().description),
            };
            self.christen(id, &base);
        }
        let turn = |model: &Model, id: &str| model.get(id).map(|session| session.turn);
        if open.waits && turn(self, &caller) == Some(open.turn) {
            self.wait(&caller, id);
        }
        for (caller, made, waits, _) in &open.joined {
            if *waits && turn(self, caller) == Some(*made) {
                self.wait(caller, id);
            }
        }
        self.name_children(&caller);
    }

    fn christen(&mut self, id: &str, base: &str) {
        let root = self.root(id);
        let slug = self.free_slug(&root, base);
        let derived = self.free_derived(&root, &slug, Some(id));
        let session = self.get_mut(id).unwrap();
        (session.slug, session.derived) = (Some(slug), Some(derived));
    }

    /// A child without a handle gets one as soon as no open call can have one for it.
    fn name_children(&mut self, caller: &str) {
        let spawns = |open: &Open| open.caller == caller && matches!(open.goal, Goal::Spawn { .. });
        if self.open.iter().any(spawns) {
            return;
        }
        let nameless = |s: &&Known| s.parent.as_deref() == Some(caller) && s.slug.is_none();
        let nameless: Vec<Known> = self.sessions.iter().filter(nameless).cloned().collect();
        for child in nameless {
            let base = child.claim.unwrap_or_else(|| handle_of(&child.description));
            self.christen(&child.id, &base);
        }
    }

    fn created(&mut self, now: u64, told: &Value) {
        let text = |field: &str| told[field].as_str().map(str::to_owned);
        let id = text("id").unwrap();
        if self.gone.contains(&id) {
            return;
        }
        let parent = text("parentID");
        if let Some(parent) = &parent {
            if self.gone.contains(parent) {
                self.gone.push(id);
                return;
            }
            self.meet(parent);
        }
        let record = &told["record"];
        let session = self.meet(&id);
        let first = !std::mem::replace(&mut session.told, true);
        session.last_used = session.last_used.max(now);
        if session.parent.is_none() {
            session.parent = parent.clone();
        }
        if session.agent.is_none() {
            let kept = record["agent"].as_str().map(str::to_owned);
            session.agent = text("agent").or(kept);
        }
        if session.description.is_empty() {
            let kept = record["description"].as_str().map(str::to_owned);
            session.description = kept.or(text("description")).unwrap_or_default();
        }
        if session.parent.is_none() {
            return;
        }
        if let (true, Some(limit)) = (first, record["budget"].as_u64()) {
            let used = record["used"].as_u64().unwrap();
            session.budget = Some((limit, used, 0));
            session.tokens = record["tokens"].as_u64().unwrap();
            session.window = record["window"].as_u64().unwrap();
        }
        if let (Some(slug), Some(derived)) = (record["slug"].as_str(), record["id"].as_str()) {
            (session.slug, session.derived) = (Some(slug.to_owned()), Some(derived.to_owned()));
        }
        let (parent, named) = (session.parent.clone().unwrap(), session.slug.is_some());
        self.grant(&id);
        if named {
            return;
        }
        match text("slug").and_then(|slug| slug_of(&slug)) {
            Some(slug) => {
                // A call of its parent that was about to give it that name has given it.
                let free = matches!(self.by_slug(&self.root(&id), &slug), Some(Who::Ticket(_)));
                let given = self
                    .open
                    .iter()
                    .filter(|_| free)
                    .find_map(|open| match &open.goal {
                        Goal::Spawn {
                            slug: held,
                            derived,
                        } if *held == slug && open.caller == parent => Some(derived.clone()),
                        _ => None,
                    });
                match given {
                    Some(derived) => {
                        let session = self.get_mut(&id).unwrap();
                        (session.slug, session.derived) = (Some(slug), Some(derived));
                    }
                    None => self.christen(&id, &slug),
                }
            }
            None => self.name_children(&parent),
        }
    }

    fn status(&mut self, now: u64, id: &str, status: u8) {
        let Some(session) = self.get_mut(id) else {
            return;
        };
        if (now, status) < (session.status_at, session.status) {
            return;
        }
        if session.status != 2 && status == 2 {
            session.turn += 1;
            session.waits.clear();
            if let Some(budget) = &mut session.budget {
                (budget.1, budget.2) = (0, 0);
            }
        }
        (session.status_at, session.status) = (now, status);
        session.last_used = session.last_used.max(now);
    }

    fn usage(&mut self, now: u64, id: &str, tokens: u64, window: u64) {
        if let Some(session) = self.get_mut(id)
            && now >= session.usage_at
        {
            (session.usage_at, session.tokens, session.window) = (now, tokens, window);
        }
    }

    fn deleted(&mut self, id: &str) {
        let mut gone = self.children_below(id);
        gone.push(id.to_owned());
        for id in &gone {
            let about = |open: &&Open| {
                open.caller == *id || matches!(&open.goal, Goal::Prompt { id: to } if to == id)
            };
            let void: Vec<usize> = self.open.iter().filter(about).map(|o| o.number).collect();
            for number in void {
                self.refund(number);
            }
            if !self.gone.contains(id) {
                self.gone.push(id.clone());
            }
        }
        self.sessions.retain(|session| !gone.contains(&session.id));
    }
}

// ---- The worlds.

#[derive(Clone, Debug)]
enum Step {
    Event(Value),
    /// A request, and by which name its ticket is called.
    Decide(Ask, usize),
    Commit(usize, String, u64),
    Refund(usize),
    /// Over a snapshot.
    Restore,
    /// With nothing left but what the host keeps; in which order it tells of it.
    Restart(u64),
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Event(event) => write!(f, "{event}"),
            other => write!(f, "{other:?}"),
        }
    }
}

struct World {
    config: String,
    engine: Engine,
    model: Model,
    /// What the host keeps of each session.
    records: BTreeMap<String, Value>,
    /// The tickets of both, by name.
    tickets: BTreeMap<usize, (u64, usize)>,
}

impl World {
    fn new(config: &Value, rules: &Rules) -> World {
        let config = config.to_string();
        World {
            engine: Engine::new(&config).unwrap(),
            config,
            model: Model {
                rules: rules.clone(),
                ..Model::default()
            },
            records: BTreeMap::new(),
            tickets: BTreeMap::new(),
        }
    }

    fn run(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Event(event) => self.event(event)?,
            Step::Decide(ask, name) => self.decide(ask, *name)?,
            Step::Commit(name, id, now) => {
                if let Some((engine, model)) = self.tickets.get(name).copied() {
                    self.model.commit(model, id, *now);
                    self.tell(&json!({ "type": "ticket.commit", "now": now, "ticket": engine, "sessionID": id }))?;
                }
            }
            Step::Refund(name) => {
                if let Some((engine, model)) = self.tickets.get(name).copied() {
                    self.model.refund(model);
                    self.tell(&json!({ "type": "ticket.refund", "now": 0, "ticket": engine }))?;
                }
            }
            Step::Restore => {
                let snapshot = self.engine.snapshot();
                self.engine =
                    Engine::restore(&snapshot, &self.config).map_err(|e| e.to_string())?;
                if self.engine.snapshot() != snapshot {
                    return Err(format!(
                        "the snapshot differs: {snapshot}\n{}",
                        self.engine.snapshot()
                    ));
                }
            }
            Step::Restart(seed) => self.restart(*seed)?,
        }
        self.model.tidy();
        self.compare()
    }

    fn event(&mut self, event: &Value) -> Result<(), String> {
        let now = event["now"].as_u64().unwrap();
        let id = event["sessionID"].as_str().unwrap_or_default();
        match event["type"].as_str().unwrap() {
            "session.created" => self.model.created(now, &event["session"]),
            "session.status" => {
                let status = match event["status"].as_str().unwrap() {
                    "busy" => 0,
                    "retry" => 1,
                    _ => 2,
                };
                // What is told of a session before the session itself is not kept.
                self.model.status(now, id, status);
            }
            "session.usage" => {
                let amount = |field: &str| event[field].as_u64().unwrap();
                self.model
                    .usage(now, id, amount("tokens"), amount("window"));
            }
            _ => {
                self.model.deleted(id);
                let known = |id: &String| self.model.get(id).is_some();
                self.records.retain(|id, _| known(id));
            }
        }
        self.tell(event)
    }

    /// Tells the engine, and keeps what it wants kept.
    fn tell(&mut self, event: &Value) -> Result<(), String> {
        let event = Event::read(&event.to_string()).map_err(|error| error.to_string())?;
        for effect in serde_json::to_value(self.engine.apply(event))
            .unwrap()
            .as_array()
            .unwrap()
        {
            let id = effect["sessionID"].as_str().unwrap();
            let Some(session) = self.model.get(id) else {
                return Err(format!("{id} is stored, which is not there"));
            };
            let (limit, used, _) = session.budget.unwrap_or_default();
            let expected = json!([
                session.slug,
                session.derived,
                session.agent,
                limit,
                used,
                session.tokens,
                session.window
            ]);
            let record = &effect["record"];
            let actual = json!([
                record["slug"],
                record["id"],
                record["agent"],
                record["budget"],
                record["used"],
                record["tokens"],
                record["window"]
            ]);
            if actual != expected && !session.is_claimed() {
                return Err(format!("stored of {id}: expected {expected}, got {actual}"));
            }
            self.records.insert(id.to_owned(), record.clone());
        }
        for (id, record) in &self.records {
            let session = self.model.get(id).unwrap();
            if session.is_claimed() {
                continue;
            }
            let (limit, used, _) = session.budget.unwrap_or_default();
            if json!([record["slug"], record["budget"], record["used"]])
                != json!([session.slug, limit, used])
            {
                return Err(format!(
                    "what is kept of {id} is out of date: {record}, but {session:?}"
                ));
            }
        }
        Ok(())
    }

    fn decide(&mut self, ask: &Ask, name: usize) -> Result<(), String> {
        let subagent = self.model.get(&ask.session).filter(|s| s.parent.is_some());
        // A subagent that calls is in a turn, and its host has said so.
        if self.model.is_open_question(ask) || subagent.is_some_and(|s| s.status == 2) {
            return Ok(());
        }
        let request = json!({
            "now": ask.now, "callID": ask.call, "sessionID": ask.session, "callerAgent": ask.caller_agent,
            "agent": ask.agent, "description": ask.description, "prompt": "Do it.",
            "task_id": ask.task_id, "background": ask.background,
        });
        let request = Request::read(&request.to_string()).map_err(|error| error.to_string())?;
        let decision = serde_json::to_value(&*self.engine.decide(&request)).unwrap();
        let answer = self.model.decide(ask);
        let mut expected = json!({
            "action": answer.action, "rule": answer.rule, "sessionID": answer.session,
            "slug": answer.slug, "code": answer.code,
        });
        let mut actual = json!({});
        for field in ["action", "rule", "sessionID", "slug", "code"] {
            actual[field] = decision[field].clone();
        }
        if let Some(message) = &answer.message {
            expected["message"] = json!(message);
            actual["message"] = decision["message"].clone();
        }
        if let Some(candidates) = &answer.candidates {
            expected["candidates"] = json!(candidates);
            let list = decision["candidates"].as_array().unwrap();
            actual["candidates"] = list.iter().map(|c| c["sessionID"].clone()).collect();
        }
        if let Some(notice) = answer.notice {
            expected["notice"] = json!(notice);
            actual["notice"] = json!(!decision["notice"].is_null());
        }
        if actual != expected {
            return Err(format!(
                "decision: expected {expected}, got {actual} ({decision})"
            ));
        }
        match (decision["ticket"].as_u64(), answer.ticket) {
            (Some(engine), Some(model)) => {
                self.tickets.insert(name, (engine, model));
                Ok(())
            }
            (None, None) => Ok(()),
            _ => Err(format!("a ticket is missing or too many: {decision}")),
        }
    }

    fn restart(&mut self, seed: u64) -> Result<(), String> {
        let known = std::mem::take(&mut self.model.sessions);
        let kept = |s: &&Known| {
            s.parent.is_none()
                || self
                    .records
                    .get(&s.id)
                    .is_some_and(|r| r["slug"].is_string())
        };
        if !known.iter().all(|s| kept(&s)) {
            // The host would have to name them anew.
            self.model.sessions = known;
            return Ok(());
        }
        let mut dice = Dice(seed);
        let mut order: Vec<&Known> = known.iter().collect();
        if seed % 2 == 1 {
            for i in (1..order.len()).rev() {
                order.swap(i, dice.below(i + 1));
            }
        }
        self.engine = Engine::new(&self.config).unwrap();
        self.model = Model {
            rules: self.model.rules.clone(),
            gone: Vec::new(),
            ..Model::default()
        };
        self.tickets.clear();
        for session in order {
            let told = json!({
                "type": "session.created", "now": session.last_used,
                "session": { "id": session.id, "parentID": session.parent, "record": self.records.get(&session.id) },
            });
            self.model.created(session.last_used, &told["session"]);
            let event = Event::read(&told.to_string()).map_err(|error| error.to_string())?;
            let effects = self.engine.apply(event);
            if !effects.is_empty() {
                return Err(format!(
                    "a session that is as it was kept is stored: {effects:?}"
                ));
            }
        }
        for session in known.iter().filter(|session| session.status != 2) {
            self.event(&json!({
                "type": "session.status", "now": session.status_at, "sessionID": session.id, "status": "busy",
            }))?;
        }
        Ok(())
    }

    fn compare(&self) -> Result<(), String> {
        for session in self.model.sessions.iter().filter(|s| s.parent.is_some()) {
            let budget = session.budget;
            let status = ["busy", "retry", "idle"][usize::from(session.status)];
            let expected = json!({
                "id": session.id, "parentID": session.parent, "rootID": self.model.root(&session.id),
                "depth": self.model.line(&session.id).len() - 1, "agent": session.agent,
                "description": session.description, "slug": session.slug, "derivedID": session.derived,
                "status": status,
                "lastUsed": session.last_used, "tokens": session.tokens, "window": session.window,
                "budget": budget.map(|b| b.0), "used": budget.map_or(0, |b| b.1),
            });
            let actual = json!(self.engine.session(&session.id));
            for (field, value) in expected.as_object().unwrap() {
                if session.is_claimed() && ["slug", "derivedID"].contains(&field.as_str()) {
                    continue;
                }
                if actual[field] != *value {
                    return Err(format!(
                        "{} of {}: expected {value}, got {actual}",
                        field, session.id
                    ));
                }
            }
            let (limit, used, reserved) = budget.unwrap_or_default();
            assert!(
                used + reserved <= limit,
                "the model itself overspends: {session:?}"
            );
        }
        for root in self.model.sessions.iter().filter(|s| s.parent.is_none()) {
            let mut expected = self.model.children_below(&root.id);
            let sessions = self.engine.sessions(&root.id);
            let mut actual: Vec<String> = sessions.iter().map(|s| s.id.to_string()).collect();
            actual.retain(|id| *id != root.id);
            expected.sort();
            actual.sort();
            if actual != expected {
                return Err(format!(
                    "below {}: expected {expected:?}, got {actual:?}",
                    root.id
                ));
            }
        }
        for id in &self.model.gone {
            if self
                .engine
                .session(id)
                .is_some_and(|session| *session.id == **id)
            {
                return Err(format!("{id} was deleted and is there"));
            }
        }
        Ok(())
    }
}

const AGENTS: [&str; 4] = ["explorer", "explorer2", "fixer", "main"];
const DESCRIPTIONS: [&str; 5] = [
    "Explore auth",
    "Explore: the Auth!",
    "Find every place where tokens are refreshed",
    "Größe ändern",
    "Fix it",
];
/// The first three share the four digits of their derived ids, the first two even eight.
const ROOTS: [&str; 4] = [
    "ses_root7464",
    "ses_root22428",
    "ses_root157122",
    "ses_root",
];

fn rules(dice: &mut Dice) -> (Value, Rules) {
    let mut rules = Rules {
        last_match: dice.percent(30),
        max_depth: *dice.pick(&[0, 1, 2, 3, 3, 3, 3, 3, 5, 5, 5, 5]),
        caller_scope: dice.percent(30),
        mismatch: dice.pick::<&str>(&["deny", "deny", "spawn", "resume"]),
        context_full: dice.pick::<&str>(&["compact", "compact", "resume", "spawn"]),
        context_limit: *dice.pick(&[0.8, 0.8, 0.0, 0.5, 1.0]),
        ttl: *dice.pick(&[0, 100, 1000, 1_800_000]),
        same_agent_resumes: dice.percent(30),
        auto_resume: *dice.pick(&[None, None, Some(0.0), Some(0.5)]),
        ..Rules::default()
    };
    let mut agents = json!({});
    if dice.percent(90) {
        for name in AGENTS {
            let budget = *dice.pick(&[0, 1, 2, 3, 9, 9]);
            let callable = dice.percent(80);
            let mut list: Vec<(String, &str)> = Vec::new();
            let mut task = json!({});
            for _ in 0..*dice.pick(&[0, 0, 0, 0, 0, 1, 2, 3]) {
                let pattern =
                    *dice.pick(&["*", "explorer", "explore*", "*er", "fix*", "explorer?"]);
                let action = *dice.pick(&["allow", "deny", "ask"]);
                if list.iter().all(|(known, _)| known != pattern) {
                    list.push((pattern.to_owned(), action));
                    task[pattern] = json!(action);
                }
            }
            let host: Value = list
                .iter()
                .map(|(pattern, action)| json!({ "permission": "task", "pattern": pattern, "action": action }))
                .collect();
            agents[name] = json!({
                "mode": "all", "task_budget": budget, "callable_by_subagents": callable,
                "permission": if dice.percent(50) { host } else { json!({ "task": task }) },
            });
            rules
                .agents
                .insert(name.to_owned(), (budget, callable, list));
        }
    }
    let mut config = json!({
        "max_depth": rules.max_depth,
        "slug_scope": if rules.caller_scope { "caller" } else { "root" },
        "on_agent_mismatch": rules.mismatch, "on_context_full": rules.context_full,
        "context_limit": rules.context_limit, "resume_ttl_ms": rules.ttl,
        "same_agent": if rules.same_agent_resumes { "resume" } else { "spawn" },
        "auto_resume": rules.auto_resume.map_or(json!(false), |least| json!(least)),
        "precedence": if rules.last_match { "last_match" } else { "most_specific" },
    });
    if !rules.agents.is_empty() {
        config["agents"] = agents;
    }
    (config, rules)
}

fn mistyped(dice: &mut Dice, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(3) {
        let at = 4.min(letters.len()) + dice.below(letters.len().saturating_sub(4));
        match dice.below(3) {
            0 => letters.insert(at.min(letters.len()), *dice.pick(&['x', '7'])),
            1 if at < letters.len() => letters[at] = *dice.pick(&['x', '7']),
            _ if at < letters.len() => drop(letters.remove(at)),
            _ => {}
        }
    }
    letters.into_iter().collect()
}

/// The next step, from what is so.
struct Author {
    dice: Dice,
    now: u64,
    ids: usize,
    names: usize,
    last: Option<(Ask, usize)>,
    roots: Vec<&'static str>,
}

impl Author {
    /// Ids come in pairs one edit apart; the pairs are far from each other.
    fn fresh(&mut self) -> String {
        self.ids += 1;
        let pair = (self.ids / 2 * 40503) % 65536;
        format!(
            "ses_{pair:04x}{:04x}{}",
            65535 - pair,
            ["a", "b"][self.ids % 2]
        )
    }

    fn session(&mut self, model: &Model) -> Option<Known> {
        let all: Vec<&Known> = model.sessions.iter().collect();
        (!all.is_empty()).then(|| (*self.dice.pick(&all)).clone())
    }

    /// What to name, and the agent that it belongs to.
    fn task_id(&mut self, model: &Model, caller: &str) -> (Option<String>, Option<String>) {
        if self.dice.percent(25) {
            return (None, None);
        }
        if self.dice.percent(20) {
            let words = [
                "last",
                "last",
                "LAST",
                "?!",
                "auth",
                "auth-2",
                "Read Docs",
                "größe",
            ];
            return (Some((*self.dice.pick(&words)).to_owned()), None);
        }
        let held: Vec<&Open> = model.open.iter().collect();
        if !held.is_empty() && self.dice.percent(10) {
            let open = self.dice.pick(&held);
            if let Goal::Spawn { slug, derived } = &open.goal {
                let name = self.dice.pick(&[slug, derived]).to_string();
                return (Some(name), Some(open.agent.clone()));
            }
        }
        let near = self.dice.percent(85);
        let root = model.root(caller);
        let all = model.sessions.iter();
        let all: Vec<&Known> = all
            .filter(|s| !near || s.id != root && model.root(&s.id) == root)
            .collect();
        if all.is_empty() {
            let name = self.dice.percent(20).then(|| "ses_nowhere".to_owned());
            return (name, None);
        }
        let session = (*self.dice.pick(&all)).clone();
        let name = match self.dice.below(4) {
            0 | 1 => session.slug.unwrap_or(session.id),
            2 => session.derived.unwrap_or(session.id),
            _ => session.id,
        };
        let written = match self.dice.below(8) {
            0 => format!("\"{name}\""),
            1 => mistyped(&mut self.dice, &name),
            2 if name.starts_with("ses_") => mistyped(&mut self.dice, &name),
            2 => name.to_uppercase(),
            _ => name,
        };
        (Some(written), session.agent)
    }

    fn decide(&mut self, model: &Model) -> Step {
        if let Some((ask, name)) = self.last.clone()
            && self.dice.percent(8)
        {
            // The same call again; at times it asks for something else.
            let mut ask = ask;
            ask.now = self.now;
            if self.dice.percent(30) {
                ask.description = (*self.dice.pick(&DESCRIPTIONS)).to_owned();
                self.names += 1;
                return Step::Decide(ask, self.names);
            }
            return Step::Decide(ask, name);
        }
        let caller = self.session(model).filter(|_| self.dice.percent(97));
        if let Some(caller) = &caller
            && caller.parent.is_some()
            && caller.status == 2
        {
            // Only a session in a turn makes calls.
            return Step::Event(json!({
                "type": "session.status", "now": self.now, "sessionID": caller.id, "status": "busy",
            }));
        }
        let session = match &caller {
            Some(caller) => caller.id.clone(),
            None => (*self.dice.pick(&self.roots)).to_owned(),
        };
        let (task_id, owner) = self.task_id(model, &session);
        let dice = &mut self.dice;
        let agent = match caller.and_then(|caller| caller.agent) {
            Some(agent) if dice.percent(90) => Some(agent),
            _ if dice.percent(50) => Some((*dice.pick(&AGENTS)).to_owned()),
            _ => None,
        };
        self.names += 1;
        let ask = Ask {
            now: self.now,
            call: format!("c{}", self.names),
            session,
            caller_agent: agent,
            agent: match owner {
                Some(owner) if dice.percent(75) => owner,
                _ if dice.percent(3) => "nobody".to_owned(),
                _ => (*dice.pick(&AGENTS)).to_owned(),
            },
            description: (*dice.pick(&DESCRIPTIONS)).to_owned(),
            task_id,
            background: dice.percent(30),
        };
        self.last = Some((ask.clone(), self.names));
        Step::Decide(ask, self.names)
    }

    fn created(&mut self, model: &Model) -> Step {
        let parent = self.session(model);
        let id = self.fresh();
        let dice = &mut self.dice;
        let mut session = json!({ "id": id });
        match parent {
            Some(parent) if dice.percent(95) => session["parentID"] = json!(parent.id),
            _ => session["id"] = json!(dice.pick(&self.roots)),
        }
        if dice.percent(5)
            && let Some(gone) = model.gone.first()
        {
            session[if dice.percent(50) { "id" } else { "parentID" }] = json!(gone);
        }
        session["agent"] = json!(dice.pick(&AGENTS));
        if dice.percent(80) {
            session["description"] = json!(dice.pick(&DESCRIPTIONS));
        } else {
            session["description"] = json!("Look");
        }
        if dice.percent(30) {
            session["slug"] = json!(dice.pick(&["auth", "Explore Auth", "read docs", "größe"]));
        }
        Step::Event(json!({ "type": "session.created", "now": self.now, "session": session }))
    }

    fn next(&mut self, world: &World) -> Step {
        let model = &world.model;
        self.now += 1 + self.dice.below(30) as u64 + if self.dice.percent(3) { 1500 } else { 0 };
        let at = if self.dice.percent(15) {
            self.now - self.dice.below(60) as u64
        } else {
            self.now
        };
        let chance = self.dice.below(100);
        if chance < 38 {
            return self.decide(model);
        }
        if chance < 62 {
            let names: Vec<usize> = world.tickets.keys().copied().collect();
            if let Some(name) = names.last().copied() {
                let name = if self.dice.percent(70) {
                    name
                } else {
                    *self.dice.pick(&names)
                };
                if self.dice.percent(15) {
                    return Step::Refund(name);
                }
                let number = world.tickets[&name].1;
                let open = model.open.iter().find(|open| open.number == number);
                let id = match open.map(|open| &open.goal) {
                    Some(Goal::Prompt { id }) => id.clone(),
                    Some(Goal::Spawn { derived, .. }) if self.dice.percent(15) => derived.clone(),
                    Some(Goal::Spawn { slug, .. }) if self.dice.percent(20) => {
                        // The host tells of the child before the call is known to have made it.
                        return self.told_first(open.unwrap(), &slug.clone());
                    }
                    _ if self.dice.percent(4) && !model.gone.is_empty() => {
                        self.dice.pick(&model.gone).clone()
                    }
                    _ => self.claimed(model, open).unwrap_or_else(|| self.fresh()),
                };
                return Step::Commit(name, id, at);
            }
        }
        let Some(session) = self.session(model) else {
            return self.created(model);
        };
        let id = session.id;
        if chance < 82 {
            let idle = session.status != 2 && self.dice.percent(75);
            let status = if idle {
                "idle"
            } else {
                *self.dice.pick(&["busy", "busy", "busy", "retry", "idle"])
            };
            return Step::Event(
                json!({ "type": "session.status", "now": at, "sessionID": id, "status": status }),
            );
        }
        if chance < 89 {
            let tokens = 500 + self.dice.below(501);
            let window = *self.dice.pick(&[1000, 1000, 0]);
            return Step::Event(
                json!({ "type": "session.usage", "now": at, "sessionID": id, "tokens": tokens, "window": window }),
            );
        }
        if chance < 92 {
            return Step::Event(json!({ "type": "session.deleted", "now": at, "sessionID": id }));
        }
        if chance < 94 {
            return Step::Restore;
        }
        if chance < 95 {
            return Step::Restart(self.dice.next());
        }
        self.created(model)
    }

    /// A child without a handle yet that the call may have made.
    fn claimed(&mut self, model: &Model, open: Option<&Open>) -> Option<String> {
        let caller = &open?.caller;
        let child = |s: &&Known| s.parent.as_ref() == Some(caller) && s.slug.is_none();
        model.sessions.iter().find(child).map(|s| s.id.clone())
    }

    fn told_first(&mut self, open: &Open, slug: &str) -> Step {
        let id = self.fresh();
        let mut session = json!({ "id": id, "parentID": open.caller, "agent": open.agent, "description": open.description });
        if self.dice.percent(50) {
            session["slug"] = json!(slug);
        }
        Step::Event(json!({ "type": "session.created", "now": self.now, "session": session }))
    }
}

/// Plays a world; what went wrong, and after which steps.
fn play(seed: u64) -> Option<(Value, Rules, Vec<Step>, String)> {
    let mut dice = Dice(seed);
    let (config, rules) = rules(&mut dice);
    let collide = dice.percent(30);
    let roots = if collide {
        ROOTS.to_vec()
    } else {
        vec!["ses_root", "ses_root7464"]
    };
    let mut author = Author {
        dice,
        now: 1000,
        ids: 0,
        names: 0,
        last: None,
        roots,
    };
    let mut world = World::new(&config, &rules);
    let mut steps = Vec::new();
    for _ in 0..STEPS {
        let step = author.next(&world);
        steps.push(step.clone());
        if let Err(wrong) = world.run(&step) {
            return Some((config, rules, steps, wrong));
        }
    }
    None
}

fn fails(config: &Value, rules: &Rules, steps: &[Step]) -> Option<String> {
    let mut world = World::new(config, rules);
    steps.iter().find_map(|step| world.run(step).err())
}

/// Leaves out what does not matter, one step at a time, until all matters.
fn cut_down(config: &Value, rules: &Rules, steps: Vec<Step>, wrong: String) -> (Vec<Step>, String) {
    let (mut steps, mut wrong) = (steps, wrong);
    let mut at = 0;
    while at < steps.len() {
        let mut fewer = steps.clone();
        fewer.remove(at);
        if let Some(still) = fails(config, rules, &fewer) {
            (steps, wrong, at) = (fewer, still, 0);
        } else {
            at += 1;
        }
    }
    (steps, wrong)
}

#[test]
fn the_engine_and_the_model_agree() {
    let number = |name: &str, or: u64| {
        std::env::var(name).map_or(or, |text| text.parse().expect("a number"))
    };
    let from = number("ORACLE_SEED", 0);
    for seed in from..from + number("ORACLE_WORLDS", WORLDS) {
        let Some((config, rules, steps, wrong)) = play(seed) else {
            continue;
        };
        let (steps, wrong) = cut_down(&config, &rules, steps, wrong);
        let steps: Vec<String> = steps.iter().map(|step| format!("  {step}")).collect();
        panic!(
            "world {seed}: {wrong}\nconfig: {config}\n{}",
            steps.join("\n")
        );
    }
}
