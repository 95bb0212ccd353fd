//! The parts that deliver background results.

/// How many characters at the end of a part's id stand for the result that the part delivers.
///
/// An id of OpenCode is a prefix, twelve hexadecimal digits of time and fourteen characters that are unique. The part
/// that delivers a result takes its time from the message and those characters from the result.
///
/// Source: the ids that OpenCode 1.18.33 gives.
pub const SEED_CHARS: usize = 14;

/// Whether one of some parts, in any message, delivers the same result as a part that is about to be sent.
///
/// `ids` are the ids of a session's parts, separated by line breaks.
///
/// ```
/// use opencode_delegate::rules::opencode1::holds_result;
/// let ids = "prt_0000000000010abcdefghijklm\nprt_000000000002nopqrstuvwxyz0";
/// assert!(holds_result(ids, "prt_fffffffffff0nopqrstuvwxyz0"));
/// assert!(!holds_result(ids, "prt_000000000002AAAAAAAAAAAAAA"));
/// ```
pub fn holds_result(ids: &str, part_id: &str) -> bool {
    let seed = seed(part_id);
    ids.split('\n').any(|id| self::seed(id) == seed)
}

fn seed(part_id: &str) -> &[u8] {
    let bytes = part_id.as_bytes();
    let from = bytes.len().saturating_sub(SEED_CHARS);
    bytes.get(from..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::holds_result;

    #[test]
    fn the_last_fourteen_characters_name_a_result() {
        for (ids, part_id, expected) in [
            ("", "prt_000000000001abcdefghijklmn", false),
            (
                "prt_000000000002abcdefghijklmn",
                "prt_000000000001abcdefghijklmn",
                true,
            ),
            (
                "prt_000000000001abcdefghijklmn",
                "prt_000000000001bbcdefghijklmn",
                false,
            ),
            ("short\nprt_1", "prt_1", true),
            ("abcdefghijklmn", "prt_abcdefghijklmn", true),
            ("bcdefghijklmn", "prt_abcdefghijklmn", false),
        ] {
            assert_eq!(holds_result(ids, part_id), expected, "{ids} {part_id}");
        }
    }
}
