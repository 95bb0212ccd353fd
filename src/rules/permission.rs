//! Permission rules: wildcards, and which rule decides.

use crate::collections::in_order;
use crate::error::{Code, DelegateError};
use crate::json::Read;
use crate::parse::read;
use crate::protocol::{Action, HostRule, Precedence};
use crate::shape::inner_shape;
use std::borrow::Cow;
use std::cmp::Reverse;

/// The permission to delegate.
pub(crate) const TASK: &str = "task";

/// Decides a permission: the rule that takes precedence, or `ask` if none matches, as in OpenCode.
///
/// Under [`Precedence::MostSpecific`] the rule's `permission` is compared first, then its `pattern`:
/// more literal characters win, then more `?`, then fewer `*`.
///
/// ```
/// use opencode_delegate::protocol::{Action, HostRule, Precedence};
/// use opencode_delegate::rules::permission::evaluate;
/// let rule = |pattern: &str, action| HostRule { permission: "task".into(), pattern: pattern.into(), action };
/// let rules = [rule("explorer", Action::Deny), rule("*", Action::Allow)];
/// assert_eq!(evaluate(&rules, "task", "explorer", Precedence::MostSpecific), Action::Deny);
/// assert_eq!(evaluate(&rules, "task", "explorer", Precedence::LastMatch), Action::Allow);
/// ```
pub fn evaluate(
    rules: &[HostRule],
    permission: &str,
    pattern: &str,
    precedence: Precedence,
) -> Action {
    Ordered::new(rules, precedence).action(permission, pattern)
}

inner_shape! {
    /// A permission to decide, as it comes over the boundary.
    #[derive(Debug)]
    pub read struct Question {
        /// The rules.
        rules: Vec<HostRule> => must,
        /// The permission, such as `task`.
        permission: String => must,
        /// The subject of the permission.
        pattern: String => must,
        /// Which rule decides.
        precedence: Option<Precedence> => maybe,
    }
}

impl Question {
    /// Reads a question from JSON.
    ///
    /// ```
    /// use opencode_delegate::protocol::Action;
    /// use opencode_delegate::rules::permission::Question;
    /// let question = Question::read(r#"{"rules":[],"permission":"task","pattern":"explorer"}"#)?;
    /// assert_eq!(question.answer(), Action::Ask);
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_request` for a field that is missing or of the wrong type.
    pub fn read(json: &str) -> Result<Question, DelegateError> {
        read(json, Code::InvalidRequest, Question::of)
    }

    /// Decides it.
    pub fn answer(&self) -> Action {
        evaluate(
            &self.rules,
            &self.permission,
            &self.pattern,
            self.precedence.unwrap_or_default(),
        )
    }
}

/// The rules of an agent in the order in which they decide: the first that matches is the one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ordered {
    rules: Vec<HostRule>,
    /// The patterns and actions of those that speak of the permission `task`, up to the first that matches every subject.
    task: Vec<(Box<str>, Action)>,
}

impl Ordered {
    /// Puts rules in order.
    pub(crate) fn new(rules: &[HostRule], precedence: Precedence) -> Ordered {
        // Of two rules that are equal otherwise, the later one decides.
        let ranks: Vec<_> = match precedence {
            Precedence::LastMatch => Vec::new(),
            Precedence::MostSpecific => rules.iter().map(order).collect(),
        };
        let first = in_order(rules.len(), &|one, other| {
            (ranks.get(other), other).cmp(&(ranks.get(one), one))
        });
        let rules = first
            .into_iter()
            .filter_map(|place| rules.get(place).cloned());
        let rules: Vec<HostRule> = rules.collect();
        let mut task = Vec::new();
        for rule in rules.iter().filter(|rule| matches(&rule.permission, TASK)) {
            task.push((rule.pattern.as_str().into(), rule.action));
            if rule.pattern == "*" {
                break;
            }
        }
        Ordered { rules, task }
    }

    /// The action of the rule that decides a permission, or `ask` if none matches.
    pub(crate) fn action(&self, permission: &str, subject: &str) -> Action {
        if permission == TASK {
            let mut task = self.task.iter();
            let decisive = task.find(|(pattern, _)| matches(pattern, subject));
            return decisive.map_or(Action::Ask, |(_, action)| *action);
        }
        let mut all = self.rules.iter();
        let decisive = all
            .find(|rule| matches(&rule.permission, permission) && matches(&rule.pattern, subject));
        decisive.map_or(Action::Ask, |rule| rule.action)
    }

    /// How many bytes are compared at most to decide `task` for a subject of a length.
    pub(crate) fn task_bytes(&self, subject: usize) -> usize {
        let rules = self.task.iter();
        rules.map(|(pattern, _)| pattern.len() + subject).sum()
    }

    /// Whether it decides each `task` as another does, because their rules for it are the same.
    pub(crate) fn is_same_for_task(&self, other: &Ordered) -> bool {
        self.task == other.task
    }
}

/// Whether a text matches a pattern: `*` is any run of characters, `/` included, and `?` is one.
///
/// As in OpenCode, `\` counts as `/`, and a pattern that ends in a blank and `*` matches without
/// that tail too. The time grows with the length of both, and with their product only if a part between two `*` has a `?`.
pub fn matches(pattern: &str, text: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (pattern, text) = (slashes(pattern), slashes(text));
    wildcard(&pattern, &text)
        || pattern
            .strip_suffix(" *")
            .is_some_and(|head| wildcard(head, &text))
}

fn slashes(text: &str) -> Cow<'_, str> {
    match text.contains('\\') {
        true => text.replace('\\', "/").into(),
        false => text.into(),
    }
}

/// Matches the parts between two `*` one after the other, each at its first place: no later place leaves more room for the next.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = rest_after(first, text) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        let found = match part.contains('?') {
            true => {
                let mut places = rest.char_indices();
                places.find_map(|(at, _)| rest_after(part, rest.get(at..)?))
            }
            false => rest.split_once(part).map(|(_, after)| after),
        };
        match found {
            Some(after) => rest = after,
            None => return false,
        }
    }
    let from = match last.chars().rev().zip(rest.char_indices().rev()).last() {
        Some((_, (at, _))) => at,
        None => rest.len(),
    };
    rest.get(from..).and_then(|end| rest_after(last, end)) == Some("")
}

/// The rest of a text after its beginning, if that is as a part without `*` says.
fn rest_after<'a>(part: &str, text: &'a str) -> Option<&'a str> {
    if !part.contains('?') {
        return text.strip_prefix(part);
    }
    let mut rest = text.chars();
    let same = part.chars().all(|one| {
        let other = rest.next();
        other == Some(one) || (one == '?' && other.is_some())
    });
    same.then_some(rest.as_str())
}

/// What decides between two rules of which both match.
fn order(rule: &HostRule) -> (Specificity, Specificity) {
    (specificity(&rule.permission), specificity(&rule.pattern))
}

/// The literal characters of a pattern, its `?`, and its `*`, of which fewer are more specific.
type Specificity = (usize, usize, Reverse<usize>);

fn specificity(pattern: &str) -> Specificity {
    let stars = pattern.chars().filter(|c| *c == '*').count();
    let singles = pattern.chars().filter(|c| *c == '?').count();
    (
        pattern.chars().count() - stars - singles,
        singles,
        Reverse(stars),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by the definition: each `*` takes each run of characters.
    fn defined(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, rest) => rest.is_none(),
            (Some(('*', after)), rest) => {
                defined(after, text) || rest.is_some_and(|(_, rest)| defined(pattern, rest))
            }
            (Some((one, after)), Some((other, rest))) => {
                (*one == '?' || one == other) && defined(after, rest)
            }
            (Some(_), None) => false,
        }
    }

    /// All texts of up to that many of these characters.
    fn texts(characters: &[char], most: u32) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut from = 0;
        for _ in 0..most {
            let longer = all.iter().skip(from);
            let next: Vec<String> = longer
                .flat_map(|text| characters.iter().map(move |c| format!("{text}{c}")))
                .collect();
            from = all.len();
            all.extend(next);
        }
        all
    }

    #[test]
    fn a_wildcard_matches_what_its_definition_matches() {
        let subjects = texts(&['a', 'é', ' '], 4);
        for pattern in texts(&['a', 'é', ' ', '*', '?'], 5) {
            for text in &subjects {
                let characters = |text: &str| text.chars().collect::<Vec<_>>();
                let head = pattern.strip_suffix(" *").map(characters);
                let expected = defined(&characters(&pattern), &characters(text))
                    || head.is_some_and(|head| defined(&head, &characters(text)));
                assert_eq!(matches(&pattern, text), expected, "{pattern:?} {text:?}");
            }
        }
    }

    #[test]
    fn a_backslash_counts_as_a_slash_on_both_sides() {
        for (pattern, text) in [("a\\*", "a/b"), ("a/*", "a\\b"), ("a?b", "a\\b")] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
    }

    /// The same by the definition: of the rules that match, the last, or the last of the most specific.
    fn decided(rules: &[HostRule], permission: &str, subject: &str, by: Precedence) -> Action {
        let mut matching = rules.iter().filter(|rule| {
            matches(&rule.permission, permission) && matches(&rule.pattern, subject)
        });
        let decisive = match by {
            Precedence::LastMatch => matching.next_back(),
            Precedence::MostSpecific => matching.max_by_key(|rule| order(rule)),
        };
        decisive.map_or(Action::Ask, |rule| rule.action)
    }

    #[test]
    fn rules_in_order_decide_as_their_definition_says() {
        let mut all = Vec::new();
        for permission in ["task", "*", "t*"] {
            for pattern in ["*", "e*", "ex", "e?", "f"] {
                for action in [Action::Allow, Action::Deny] {
                    all.push(HostRule {
                        permission: permission.into(),
                        pattern: pattern.into(),
                        action,
                    });
                }
            }
        }
        for number in 0..30_usize.pow(3) {
            let places = [number % 30, number / 30 % 30, number / 900];
            let rules: Vec<_> = places
                .iter()
                .filter_map(|at| all.get(*at).cloned())
                .collect();
            for precedence in [Precedence::MostSpecific, Precedence::LastMatch] {
                for permission in [TASK, "tool"] {
                    for subject in ["ex", "e", "fix"] {
                        assert_eq!(
                            evaluate(&rules, permission, subject, precedence),
                            decided(&rules, permission, subject, precedence),
                            "{rules:?} {permission} {subject}"
                        );
                    }
                }
            }
        }
    }
}
