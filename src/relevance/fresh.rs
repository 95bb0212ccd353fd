//! Descriptions that ask for a look by someone who has not seen the work.

/// The beginnings of words that ask for a fresh look.
const FRESH: [&str; 5] = ["review", "audit", "verif", "critiqu", "independent"];

/// The beginnings of words that ask for another look by the same session.
const AGAIN: [&str; 6] = [
    "again",
    "continue",
    "continuing",
    "follow up",
    "follow-up",
    "followup",
];

/// The beginnings of words that `re-` before them makes a second look. "Re-entrancy" is none.
const TWICE: [&str; 7] = ["check", "do", "examin", "look", "read", "run", "test"];

/// Whether a description asks for a session that has not seen the work: it says review, audit, verify, critique or
/// independent, and neither again, continue, follow up nor `re-` before such a word.
///
/// ```
/// use opencode_delegate::relevance::wants_fresh;
/// assert!(wants_fresh("Review the login"));
/// assert!(!wants_fresh("Re-review the login"));
/// assert!(!wants_fresh("Preview the login"));
/// ```
pub fn wants_fresh(description: &str) -> bool {
    let text = description.to_lowercase();
    // What follows a beginning of a word, at each place where it stands.
    let after = |begin: &'static str| {
        let places = text.match_indices(begin);
        places.filter_map(|(at, _)| {
            let before = text.get(..at)?.chars().next_back();
            let rest = text.get(at + begin.len()..);
            rest.filter(|_| !before.is_some_and(char::is_alphanumeric))
        })
    };
    let begins = |begin: &&'static str| after(begin).next().is_some();
    let twice = || FRESH.iter().chain(&TWICE);
    let again = AGAIN.iter().any(begins)
        || after("re-").any(|word| twice().any(|begin| word.starts_with(begin)));
    FRESH.iter().any(begins) && !again
}

#[cfg(test)]
mod tests {
    use super::wants_fresh;

    #[test]
    fn a_description_asks_for_a_fresh_look_unless_it_asks_again() {
        for fresh in [
            "Review auth",
            "security AUDIT",
            "Verify it",
            "verification",
            "Critique: plan",
            "an independent check",
            "Reviewer",
            "Audit re-entrancy guards",
            "Verify re-renders of the cart",
            "Review continuous integration",
        ] {
            assert!(wants_fresh(fresh), "{fresh}");
        }
        for other in [
            "",
            "Preview auth",
            "Review auth again",
            "re-audit it",
            "Re-check the review",
            "Continue the review",
            "Follow-up review",
            "Follow up on the audit",
            "Fix auth",
        ] {
            assert!(!wants_fresh(other), "{other}");
        }
    }
}
