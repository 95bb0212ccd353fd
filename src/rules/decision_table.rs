//! The decision table: const rows over [`Facts`], of which the first that fires decides.

use crate::error::Code;
use crate::protocol::RuleID;
use crate::protocol::{OnAgentMismatch, OnContextFull, SameAgent};
use crate::rules::facts::{Caller, Fact, Facts, Found, Named, Owner};
use crate::shape::row;

/// The outcome of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Refuse, with that code.
    Deny(Code),
    /// Hand the prompt to the running session.
    Join,
    /// Prompt the session in question.
    Resume,
    /// Summarise the session in question, then prompt it.
    Compact,
    /// Create a child.
    Spawn,
}

/// A notice that a decision of a row carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// If the agent of the session that is prompted is gone: the agent that it goes on as.
    AgentGone,
    /// If the session was resumed by an alias: another session has that alias too.
    Namesake,
    /// If an earlier call chose a model for the session that its agent does not list: that model.
    ModelGone,
    /// If the session that is prompted is another root's: both conversations share it.
    Shared,
    /// If the session that had the name was undone: its id.
    Undone,
    /// If a known name is nearly the same as that of the new session: that name.
    NearName,
    /// The session that was resumed has another id than the one that was given.
    NearID,
    /// No session has the id, and there is none to resume.
    NothingToResume,
    /// If a session was spawned: the caller has none of that agent to continue.
    NothingToContinue,
    /// If the call most likely follows up a session that could go on: its name.
    Related,
}

/// The candidates that a decision of a row lists, for its caller to name the next time. A session that is resumed is
/// left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// None.
    Nothing,
    /// The sessions of the agent.
    OfAgent,
    /// The sessions of the agent if the row denies, else none.
    OfAgentIfDenied,
    /// The sessions of the agent, or of all agents if that one has none.
    OfAgentElseAll,
}

row! {
    /// A row of the decision table.
    #[derive(Clone, Copy, Debug)]
    pub struct Rule {
        /// Its name.
        rule: RuleID => must,
        /// When it fires, in the words of the documentation.
        when: &'static str => must,
        /// The outcome, in the words of the documentation.
        outcome: &'static str => must,
        /// The reason that a decision of this row gives.
        reason: &'static str => must,
    }
    with {
        /// The facts that its condition looks at.
        pub looks_at: &'static [Fact],
        /// The notices that a decision of this row carries, each if it applies.
        pub notices: &'static [Notice],
        /// The candidates that a decision of this row lists.
        pub candidates: Candidates,
        fires: fn(&Facts) -> bool,
        then: fn(&Facts) -> Outcome,
    }
}

impl Rule {
    /// Whether the row's condition holds, whatever the rows before it say.
    pub fn fires(&self, facts: &Facts) -> bool {
        (self.fires)(facts)
    }

    /// The outcome of the row if it fires.
    pub fn then(&self, facts: &Facts) -> Outcome {
        (self.then)(facts)
    }
}

/// The row that decides: the first that fires. The last row always does.
///
/// ```
/// use opencode_delegate::rules::decision_table::RULES;
/// use opencode_delegate::protocol::RuleID;
/// assert_eq!(RULES.first().map(|row| row.rule), Some(RuleID::G1));
/// assert_eq!(RULES.last().map(|row| row.rule), Some(RuleID::R12));
/// ```
pub fn decide(facts: &Facts) -> &'static Rule {
    RULES
        .iter()
        .find(|rule| rule.fires(facts))
        .unwrap_or(OTHERWISE)
}

fn is_subagent(facts: &Facts) -> bool {
    !matches!(facts.caller, Caller::Primary | Caller::OfHost)
}

fn found(facts: &Facts) -> bool {
    matches!(facts.named, Named::Slug | Named::Id | Named::Last) && facts.found == Found::Ours
}

/// Whether the named session belongs to another agent, and is not to be prompted as the one that the call names.
fn mismatched(facts: &Facts) -> bool {
    facts.owner == Owner::Other && facts.on_agent_mismatch != OnAgentMismatch::Resume
}

fn unnamed(facts: &Facts) -> bool {
    facts.named == Named::No
}

fn missing_id(facts: &Facts) -> bool {
    facts.named == Named::Id && facts.found == Found::No
}

/// The table. The copy in the documentation is rendered from it.
pub const RULES: &[Rule] = &[
    Rule {
        rule: RuleID::G1,
        when: "`task_id` is neither an id nor usable as a name",
        outcome: "deny `invalid_task_id`",
        reason: "The task_id cannot name a session.",
        looks_at: &[Fact::Named],
        notices: &[],
        candidates: Candidates::OfAgent,
        fires: |f| f.named == Named::Invalid,
        then: |_| Outcome::Deny(Code::InvalidTaskId),
    },
    Rule {
        rule: RuleID::G2,
        when: "the target agent does not exist",
        outcome: "deny `unknown_agent`, with the nearest names",
        reason: "No agent has this name.",
        looks_at: &[Fact::AgentKnown],
        notices: &[],
        candidates: Candidates::Nothing,
        fires: |f| !f.agent_known,
        then: |_| Outcome::Deny(Code::UnknownAgent),
    },
    Rule {
        rule: RuleID::G3,
        when: "the caller's `permission.task` denies the target",
        outcome: "deny `permission_denied`",
        reason: "The caller's permissions deny the target.",
        looks_at: &[Fact::Permitted],
        notices: &[],
        candidates: Candidates::Nothing,
        fires: |f| !f.permitted,
        then: |_| Outcome::Deny(Code::PermissionDenied),
    },
    Rule {
        rule: RuleID::G4,
        when: "the named session is out of reach: not under the root of a primary; not a child of a subagent (by name: not in scope); not named by the caller's own messages, as in a fork; or waiting for the caller",
        outcome: "deny `not_owner`",
        reason: "The named session is out of the caller's reach.",
        looks_at: &[Fact::Found],
        notices: &[],
        candidates: Candidates::OfAgent,
        fires: |f| f.found == Found::OutOfReach,
        then: |_| Outcome::Deny(Code::NotOwner),
    },
    Rule {
        rule: RuleID::G5,
        when: "the child would be deeper than `max_depth`",
        outcome: "deny `depth_exceeded`",
        reason: "The child would be too deep.",
        looks_at: &[Fact::TooDeep],
        notices: &[],
        candidates: Candidates::Nothing,
        fires: |f| f.too_deep,
        then: |_| Outcome::Deny(Code::DepthExceeded),
    },
    Rule {
        rule: RuleID::G6,
        when: "the caller is a subagent with no `task_budget`",
        outcome: "deny `no_task_budget`",
        reason: "The caller has no budget.",
        looks_at: &[Fact::Caller],
        notices: &[],
        candidates: Candidates::Nothing,
        fires: |f| f.caller == Caller::NoBudget,
        then: |_| Outcome::Deny(Code::NoTaskBudget),
    },
    Rule {
        rule: RuleID::G7,
        when: "the caller is a subagent and the target is not `callable_by_subagents: true`",
        outcome: "deny `target_not_callable`",
        reason: "The target is not callable by subagents.",
        looks_at: &[Fact::Caller, Fact::Callable],
        notices: &[],
        candidates: Candidates::Nothing,
        fires: |f| is_subagent(f) && !f.callable,
        then: |_| Outcome::Deny(Code::TargetNotCallable),
    },
    Rule {
        rule: RuleID::G8,
        when: "the caller's budget is spent",
        outcome: "deny `budget_exhausted`",
        reason: "The caller's budget is spent.",
        looks_at: &[Fact::Caller],
        notices: &[],
        candidates: Candidates::Nothing,
        fires: |f| f.caller == Caller::Spent,
        then: |_| Outcome::Deny(Code::BudgetExhausted),
    },
    Rule {
        rule: RuleID::G9,
        when: "the call asks for a model that is none of the target's `models`",
        outcome: "deny `model_not_allowed` (option `unlisted_models`: host)",
        reason: "The target does not run on this model.",
        looks_at: &[Fact::ModelAllowed],
        notices: &[],
        candidates: Candidates::Nothing,
        fires: |f| !f.model_allowed,
        then: |_| Outcome::Deny(Code::ModelNotAllowed),
    },
    Rule {
        rule: RuleID::G10,
        when: "the conversation has cost `max_cost`, the sessions below its root included",
        outcome: "deny `limit_reached`, with the cost so far",
        reason: "The conversation has reached its limit of cost.",
        looks_at: &[Fact::Affordable],
        notices: &[],
        candidates: Candidates::Nothing,
        fires: |f| !f.affordable,
        then: |_| Outcome::Deny(Code::LimitReached),
    },
    Rule {
        rule: RuleID::R1,
        when: "named, found, and it is running; not if R2 would deny or spawn",
        outcome: "join",
        reason: "The named session is running, so the prompt is handed to it.",
        looks_at: &[Fact::Named, Fact::Found, Fact::Running, Fact::Owner],
        notices: &[Notice::AgentGone, Notice::ModelGone, Notice::Shared],
        candidates: Candidates::Nothing,
        fires: |f| found(f) && f.running && !mismatched(f),
        then: |_| Outcome::Join,
    },
    Rule {
        rule: RuleID::R2,
        when: "named, found, and it belongs to another agent of the configuration",
        outcome: "deny `agent_mismatch` (option `on_agent_mismatch`: spawn, resume)",
        reason: "The named session belongs to another agent.",
        looks_at: &[Fact::Named, Fact::Found, Fact::Owner],
        notices: &[Notice::Namesake, Notice::ModelGone, Notice::Shared],
        candidates: Candidates::OfAgentIfDenied,
        fires: |f| found(f) && f.owner == Owner::Other,
        then: |f| match f.on_agent_mismatch {
            OnAgentMismatch::Deny => Outcome::Deny(Code::AgentMismatch),
            OnAgentMismatch::Spawn => Outcome::Spawn,
            OnAgentMismatch::Resume => Outcome::Resume,
        },
    },
    Rule {
        rule: RuleID::R3,
        when: "named, found, and its context is over `context_limit` of the model's window",
        outcome: "compact (option `on_context_full`: resume, spawn)",
        reason: "The named session's context is nearly full.",
        looks_at: &[Fact::Named, Fact::Found, Fact::Full],
        notices: &[
            Notice::Namesake,
            Notice::AgentGone,
            Notice::ModelGone,
            Notice::Shared,
        ],
        candidates: Candidates::Nothing,
        fires: |f| found(f) && f.full,
        then: |f| match f.on_context_full {
            OnContextFull::Compact => Outcome::Compact,
            OnContextFull::Resume => Outcome::Resume,
            OnContextFull::Spawn => Outcome::Spawn,
        },
    },
    Rule {
        rule: RuleID::R4,
        when: "named, found",
        outcome: "resume; `notice` says if its agent is gone from the configuration, or if a fork shares it",
        reason: "The task_id names this session.",
        looks_at: &[Fact::Named, Fact::Found],
        notices: &[
            Notice::Namesake,
            Notice::AgentGone,
            Notice::ModelGone,
            Notice::Shared,
        ],
        candidates: Candidates::Nothing,
        fires: |f| found(f) && f.named != Named::Last,
        then: |_| Outcome::Resume,
    },
    Rule {
        rule: RuleID::R5,
        when: "a name, not found, or free because the message that spawned its session was undone",
        outcome: "spawn under the derived id; `notice` gives the undone session's id, or a known name that is nearly the same",
        reason: "No session has this name yet.",
        looks_at: &[Fact::Named],
        notices: &[Notice::Undone, Notice::NearName],
        candidates: Candidates::Nothing,
        fires: |f| f.named == Named::Slug,
        then: |_| Outcome::Spawn,
    },
    Rule {
        rule: RuleID::R6,
        when: "an id (`ses_` or `bg_`), not found; exactly one of the caller's sessions of that agent is within two edits",
        outcome: "resume that session (running: join); `notice` names it",
        reason: "No session has this id, and exactly one has nearly the same.",
        looks_at: &[Fact::Named, Fact::Found, Fact::Near],
        notices: &[Notice::NearID, Notice::ModelGone],
        candidates: Candidates::OfAgent,
        fires: |f| missing_id(f) && f.near,
        then: |f| {
            if f.running {
                Outcome::Join
            } else {
                Outcome::Resume
            }
        },
    },
    Rule {
        rule: RuleID::R7,
        when: "an id (`ses_` or `bg_`), not found; the caller has sessions to resume",
        outcome: "deny `unknown_session`, with candidates",
        reason: "No session has this id, but others can be resumed.",
        looks_at: &[Fact::Named, Fact::Found, Fact::Resumable],
        notices: &[],
        candidates: Candidates::OfAgentElseAll,
        fires: |f| missing_id(f) && f.resumable,
        then: |_| Outcome::Deny(Code::UnknownSession),
    },
    Rule {
        rule: RuleID::R8,
        when: "an id (`ses_` or `bg_`), not found; the caller has nothing to resume",
        outcome: "spawn; `notice` names the id",
        reason: "No session has this id, and there is none to resume.",
        looks_at: &[Fact::Named, Fact::Found],
        notices: &[Notice::NothingToResume],
        candidates: Candidates::OfAgent,
        fires: missing_id,
        then: |_| Outcome::Spawn,
    },
    Rule {
        rule: RuleID::R9,
        when: "`last`",
        outcome: "resume the caller's most recent session of the agent, however old (none: spawn with notice)",
        reason: "`last` stands for the most recent session of this agent.",
        looks_at: &[Fact::Named],
        notices: &[Notice::NothingToContinue, Notice::ModelGone],
        candidates: Candidates::OfAgent,
        fires: |f| f.named == Named::Last,
        then: |f| {
            if found(f) {
                Outcome::Resume
            } else {
                Outcome::Spawn
            }
        },
    },
    Rule {
        rule: RuleID::R10,
        when: "unnamed, `auto_resume` on, the description asks for no fresh look, and the best candidate is the caller's own, over the threshold, well above the second, idle with its last answer delivered, not of the same message, within `resume_ttl_ms` and under `context_limit`",
        outcome: "resume",
        reason: "No session was named, and this one is the most likely follow-up.",
        looks_at: &[Fact::Named, Fact::Best],
        notices: &[Notice::ModelGone],
        candidates: Candidates::OfAgent,
        fires: |f| unnamed(f) && f.best,
        then: |_| Outcome::Resume,
    },
    Rule {
        rule: RuleID::R11,
        when: "unnamed, `same_agent: \"resume\"`, and the caller has a session of the agent within `resume_ttl_ms` and under `context_limit`",
        outcome: "resume",
        reason: "No session was named, and `same_agent` resumes this agent's most recent one.",
        looks_at: &[Fact::Named, Fact::SameAgent, Fact::Recent],
        notices: &[Notice::ModelGone],
        candidates: Candidates::OfAgent,
        fires: |f| unnamed(f) && f.same_agent == SameAgent::Resume && f.recent,
        then: |_| Outcome::Resume,
    },
    *OTHERWISE,
];

const OTHERWISE: &Rule = &Rule {
    rule: RuleID::R12,
    when: "otherwise",
    outcome: "spawn; `candidates` lists what could have been resumed, `notice` names the session that is most likely meant",
    reason: "No session was named.",
    looks_at: &[],
    notices: &[Notice::Related],
    candidates: Candidates::OfAgent,
    fires: |_| true,
    then: |_| Outcome::Spawn,
};
