//! The ids of messages and parts, as OpenCode makes them.

/// The characters of an id after its time.
const SEED: usize = 14;

/// The id of a message that is made at a time, as OpenCode makes them. It has twelve hexadecimal digits that ascend
/// with the time, and random characters from outside. Within its millisecond it stands before every id of the host's.
pub(crate) fn message_id(now: u64, seed: &str) -> String {
    let time = now.wrapping_mul(4096) & 0xffff_ffff_ffff;
    let seed = seed.chars().filter(char::is_ascii_alphanumeric);
    let seed: String = seed.chain(std::iter::repeat('0')).take(SEED).collect();
    format!("msg_{time:012x}{seed}")
}

/// The id of a part of a message: in the order of its parts.
pub(crate) fn part_id(message_id: &str, place: usize) -> String {
    let rest = message_id.get(4..).unwrap_or_default();
    let (time, seed) = rest.split_at_checked(12).unwrap_or((rest, ""));
    let time = u64::from_str_radix(time, 16).unwrap_or_default();
    let time = time.wrapping_add(place as u64) & 0xffff_ffff_ffff;
    format!("prt_{time:012x}{seed}")
}

/// The id of a part that is added to a message of others.
pub(crate) fn part_of(message_id: &str, seed: &str) -> String {
    let time = message_id.get(4..16).unwrap_or_default();
    part_id(
        &["msg_", time, seed.get(..SEED).unwrap_or(seed)].concat(),
        4000,
    )
}

#[cfg(test)]
mod tests {
    use super::{message_id, part_id};

    #[test]
    fn ids_ascend_with_time_and_place() {
        let id = message_id(1_763_700_000_000, "abcdefghijklmnop");
        assert_eq!(id.len(), 30);
        assert!(id.ends_with("abcdefghijklmn"));
        assert!(id < message_id(1_763_700_000_001, "000"));
        assert!(part_id(&id, 0) < part_id(&id, 1));
        assert_eq!(message_id(0, "é-x"), "msg_000000000000x0000000000000");
    }
}
