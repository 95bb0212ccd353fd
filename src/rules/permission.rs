//! Permission rules: wildcards, and which rule decides.

use crate::error::{Code, DelegateError};
use crate::json::Read;
use crate::parse::read;
use crate::protocol::{Action, HostRule, Precedence};
use crate::shape::inner_shape;

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
    let mut matching = rules
        .iter()
        .filter(|rule| matches(&rule.permission, permission) && matches(&rule.pattern, pattern));
    let decisive = match precedence {
        Precedence::LastMatch => matching.next_back(),
        Precedence::MostSpecific => {
            matching.max_by_key(|rule| (specificity(&rule.permission), specificity(&rule.pattern)))
        }
    };
    decisive.map_or(Action::Ask, |rule| rule.action)
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

/// Whether a text matches a pattern: `*` is any run of characters, `/` included, and `?` is one.
///
/// As in OpenCode, `\` counts as `/`, and a pattern that ends in a blank and `*` matches without
/// that tail too.
pub fn matches(pattern: &str, text: &str) -> bool {
    let slashes = |c: char| if c == '\\' { '/' } else { c };
    let text: Vec<char> = text.chars().map(slashes).collect();
    let pattern: Vec<char> = pattern.chars().map(slashes).collect();
    wildcard(&pattern, &text)
        || pattern
            .strip_suffix(&[' ', '*'])
            .is_some_and(|head| wildcard(head, &text))
}

/// Greedy matching with one point of return, the last `*`: linear but for a product in the worst case.
fn wildcard(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(x) if *x == '?' || x == c => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

fn specificity(pattern: &str) -> (usize, usize, std::cmp::Reverse<usize>) {
    let stars = pattern.chars().filter(|c| *c == '*').count();
    let singles = pattern.chars().filter(|c| *c == '?').count();
    (
        pattern.chars().count() - stars - singles,
        singles,
        std::cmp::Reverse(stars),
    )
}
