//! The message in which OpenCode delivers the result of a background task that it ran itself.

use crate::protocol::TaskState;

/// Reads which session's background task has ended, and how; `None` if a message is no such delivery.
///
/// Source: OpenCode 1.18.33, `packages/opencode/src/tool/task.ts`, `TaskTool.injectBackgroundResult`.
///
/// ```
/// use opencode_delegate::TaskState;
/// use opencode_delegate::rules::opencode1::background_result;
/// let text = "<task id=\"ses_1\" state=\"completed\">\n<summary>Background task completed: Explore</summary>\n<task_result>";
/// assert_eq!(background_result(text), Some(("ses_1", TaskState::Completed)));
/// assert_eq!(background_result("Go on."), None);
/// ```
pub fn background_result(text: &str) -> Option<(&str, TaskState)> {
    let (id, rest) = text
        .strip_prefix("<task id=\"")?
        .split_once("\" state=\"")?;
    let (state, rest) = rest.split_once("\">\n<summary>Background task ")?;
    let (end, ended) = match state {
        "completed" => (TaskState::Completed, "completed: "),
        "error" => (TaskState::Error, "failed: "),
        _ => return None,
    };
    let whole = rest.starts_with(ended)
        && id
            .bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == b'_');
    whole.then_some((id, end))
}

#[cfg(test)]
mod tests {
    use super::background_result;
    use crate::protocol::TaskState;

    #[test]
    fn only_a_delivery_of_opencode_counts() {
        for (text, expected) in [
            (
                "<task id=\"ses_1\" state=\"error\">\n<summary>Background task failed: A</summary>",
                Some(("ses_1", TaskState::Error)),
            ),
            (
                "<task id=\"ses_1\" state=\"error\">\n<summary>Background task completed: A</summary>",
                None,
            ),
            (
                "<task id=\"ses_1\" state=\"completed\">\n<summary>Background task bg_1 is completed</summary>",
                None,
            ),
            (
                "<task id=\"ses_1\" state=\"running\">\n<summary>Background task started</summary>",
                None,
            ),
            (
                "<task id=\"a\" b=\"\" state=\"completed\">\n<summary>Background task completed: A</summary>",
                None,
            ),
            (
                "See <task id=\"ses_1\" state=\"completed\">\n<summary>Background task completed: A</summary>",
                None,
            ),
            ("", None),
        ] {
            assert_eq!(background_result(text), expected, "{text}");
        }
    }
}
