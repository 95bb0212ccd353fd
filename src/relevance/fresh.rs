//! Descriptions that ask for a look by someone who has not seen the work.

/// The beginnings of words that ask for a fresh look.
const FRESH: [&str; 5] = ["review", "audit", "verif", "critiqu", "independent"];

/// The words that ask for another look by the same session. `re-` stands before any word.
const AGAIN: [&str; 5] = ["again", "continu", "followup", "follow up", "follow-up"];

/// Whether a description asks for a session that has not seen the work: it says review, audit, verify, critique or
/// independent, and neither again, `re-`, continue nor follow up.
///
/// ```
/// use opencode_delegate::relevance::wants_fresh;
/// assert!(wants_fresh("Review the login"));
/// assert!(!wants_fresh("Re-review the login"));
/// assert!(!wants_fresh("Preview the login"));
/// ```
pub fn wants_fresh(description: &str) -> bool {
    let text = description.to_lowercase();
    let begins = |word: &&str| {
        let mut places = text.match_indices(*word);
        places.any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            !before.is_some_and(char::is_alphanumeric)
        })
    };
    FRESH.iter().any(&begins) && !AGAIN.iter().chain(&["re-"]).any(begins)
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
