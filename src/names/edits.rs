//! How many edits two names are apart, if they are few.

/// The most edits between two names that are nearly the same.
const EDITS: usize = 2;

/// Whether names of these [`letters`] can be nearly the same. Each edit changes at most two of them. This rules out
/// nearly every pair before the names are compared.
pub(crate) fn may_be_near(a: u64, b: u64) -> bool {
    (a ^ b).count_ones() as usize <= 2 * EDITS
}

/// The edits between two names (insert, delete or replace a character), if they are two or fewer.
pub(crate) fn edits(a: &str, a_letters: u64, b: &str, b_letters: u64) -> Option<usize> {
    may_be_near(a_letters, b_letters)
        .then(|| edits_within(a, b, EDITS))
        .flatten()
}

/// The least edits between two texts, if they are no more than some. The common beginning of both
/// needs no edit, so there are only three ways to go on at each letter that differs. Among thousands of like ids, each
/// is read about once.
fn edits_within(a: &str, b: &str, most: usize) -> Option<usize> {
    let (mut one, mut other) = (a.chars(), b.chars());
    let (a, b) = loop {
        let rest = (one.as_str(), other.as_str());
        match (one.next(), other.next()) {
            (None, None) => return Some(0),
            (Some(letter), Some(same)) if letter == same => {}
            _ => break rest,
        }
    };
    let less = most.checked_sub(1)?;
    let replaced = (one.as_str(), other.as_str());
    let ways = [replaced, (one.as_str(), b), (a, other.as_str())];
    let edits = ways.map(|(a, b)| edits_within(a, b, less));
    edits.into_iter().flatten().min().map(|edits| edits + 1)
}

/// The set of letters of a name, folded to 64 bits.
pub(crate) fn letters(name: &str) -> u64 {
    name.chars()
        .fold(0, |set, letter| set | 1 << (u32::from(letter) & 63))
}

#[cfg(test)]
mod tests {
    use super::{EDITS, edits, letters, may_be_near};

    #[test]
    fn two_edits_change_four_letters_at_most() {
        for (a, b, near) in [
            ("", "", true),
            ("aaaa", "a", true),
            ("aabbccddee", "abcde", true),
            ("auth", "author", true),
            ("abcd", "efcd", true),
            ("abcd", "efgd", false),
            ("abcd", "", true),
            ("abcde", "", false),
        ] {
            assert_eq!(may_be_near(letters(a), letters(b)), near, "{a} {b}");
        }
    }

    #[test]
    fn edits_are_those_of_levenshtein_or_too_many() {
        // All words of up to six letters, of two that are written in one byte and in three.
        let words = (0..7).flat_map(|long| (0..1 << long).map(move |number| (long, number)));
        let letter = |yes: bool| if yes { '木' } else { 'a' };
        let word = |(long, number)| {
            (0..long)
                .map(|bit| letter(number >> bit & 1 == 1))
                .collect()
        };
        let words: Vec<String> = words.map(word).collect();
        for a in &words {
            for b in &words {
                let all = strsim::levenshtein(a, b);
                let near = edits(a, letters(a), b, letters(b));
                assert_eq!(near, Some(all).filter(|all| *all <= EDITS), "{a} {b}");
            }
        }
    }
}
