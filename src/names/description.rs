//! The name of a child whose request gives none.

use crate::names::task_id::own_name;

/// The longest name made from a description, in characters, before a `-2` is added.
pub const HANDLE_CHARS: usize = 32;

/// Makes the name of a child from its description, if its request gives none.
///
/// Normalised, hyphens collapsed, cut at a word within [`HANDLE_CHARS`] characters. A description
/// that leaves nothing, or a name that no session may have, gives `task`.
///
/// ```
/// use opencode_delegate::names::handle;
/// assert_eq!(handle("Explore auth - part 2"), "explore-auth-part-2");
/// assert_eq!(handle("Find every place where tokens are refreshed"), "find-every-place-where-tokens");
/// assert_eq!(handle("???"), "task");
/// ```
pub fn handle(description: &str) -> String {
    let mut handle = String::new();
    let mut room = HANDLE_CHARS;
    let lower = description.to_lowercase();
    for word in lower
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
    {
        let long = word.chars().count();
        let hyphen = usize::from(!handle.is_empty());
        if long + hyphen > room {
            if handle.is_empty() {
                handle.extend(word.chars().take(room));
            }
            break;
        }
        if hyphen == 1 {
            handle.push('-');
        }
        handle.push_str(word);
        room -= long + hyphen;
    }
    if own_name(&handle).is_none() {
        "task".to_owned()
    } else {
        handle
    }
}
