//! The paths of files, as they are kept.

use std::borrow::Cow;

/// The longest path that counts, in bytes.
pub const PATH_BYTES: usize = 256;

/// A path relative to its project, with `/` between its parts. `None` for one that is outside, that is no file's, that
/// is longer than [`PATH_BYTES`], or that has control characters.
///
/// ```
/// use opencode_delegate::relevance::project_path;
/// assert_eq!(project_path("/work/app/src/main.rs", "/work/app").as_deref(), Some("src/main.rs"));
/// assert_eq!(project_path("./src/main.rs", "").as_deref(), Some("src/main.rs"));
/// assert_eq!(project_path("/etc/passwd", "/work/app"), None);
/// assert_eq!(project_path("../other/main.rs", "/work/app"), None);
/// ```
pub fn project_path(path: &str, project: &str) -> Option<String> {
    if path.len() > 4 * PATH_BYTES {
        return None;
    }
    let (path, project) = (slashed(path), slashed(project));
    let project = project.trim_end_matches('/');
    let is_absolute = |path: &str| path.starts_with('/') || path.get(1..3) == Some(":/");
    let inside = match is_absolute(&path) {
        true => path
            .strip_prefix(project)
            .filter(|_| !project.is_empty())?
            .strip_prefix('/')?,
        false => path.trim_start_matches("./"),
    };
    let outside = inside.split('/').any(|part| part == "..");
    let fits = !inside.is_empty() && inside.len() <= PATH_BYTES && !inside.ends_with('/');
    (fits && !outside && !inside.contains(char::is_control)).then(|| inside.to_owned())
}

/// A path with `/` between its parts. Records hold many paths, and most need no change.
fn slashed(path: &str) -> Cow<'_, str> {
    match path.contains('\\') {
        true => Cow::Owned(path.replace('\\', "/")),
        false => Cow::Borrowed(path),
    }
}
