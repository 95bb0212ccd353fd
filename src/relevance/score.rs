//! The score of each session, and how likely the request follows it up.

use crate::relevance::arithmetic::{exp, log2, sqrt};
use crate::relevance::profile::Profile;
use crate::relevance::terms::Terms;
use crate::relevance::tokens::is_identifier;

/// How far above the second the best session must be to be resumed unasked, in Q16.
pub const MARGIN: i32 = 65_536;

/// The weights of the features.
const TEXT: i32 = 2_008;
const PATHS: i32 = 2_842;
const RAREST: i32 = 99;
const IDENTIFIERS: i32 = 182;
const RECENCY: i32 = -188;

/// The score of new work, in Q16.
const NEW_WORK: i32 = 624 * 256;

/// The most that shared identifiers count, in Q8.
const MOST_IDENTIFIERS: u32 = 512;

/// A session as it was weighed for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// Its index among the sessions.
    pub index: usize,
    /// Its score in Q16.
    pub score: i32,
    /// How likely the request follows it up, in thousandths. 0 for each if the request has no terms.
    pub confidence: u32,
}

/// Weighs sessions for a request, the best first. `sessions` are the candidates, the most recently used first; of two
/// that score the same that one is better. `others` are sessions of the same agent that are no candidates: with them it
/// shows how rare a term is.
///
/// | feature, in Q8 | weight |
/// |---|---|
/// | cosine of the request with what the session was asked, each term as `sqrt(tf) * idf` | 2008 |
/// | cosine with the paths of its files | 2842 |
/// | the largest idf of a term that both have | 99 |
/// | the sum of the idf of identifiers that both have, at most 512 | 182 |
/// | `log2(1 + rank)` by recency | -188 |
///
/// The idf of a term that `df` of `N` sessions have is `max(0, log2(2(N+1)) - log2(2 df + 1))`. The score of new work is
/// `624 * 256`. The confidence is the softmax over the sessions and new work.
///
/// ```
/// use opencode_delegate::relevance::{Profile, weigh};
/// let none = std::iter::empty;
/// let auth = Profile::of("Explore auth", "", ["src/auth/token.rs"].into_iter());
/// let docs = Profile::of("Write docs", "", ["docs/index.md"].into_iter());
/// let request = Profile::of("Fix token refresh in auth", "", none());
/// let weighed = weigh(&request, &[&docs, &auth], &[]);
/// assert_eq!(weighed[0].index, 1);
/// assert!(weighed[0].confidence > 500);
/// ```
pub fn weigh(request: &Profile, sessions: &[&Profile], others: &[&Profile]) -> Vec<Weighed> {
    let mut weighed: Vec<Weighed> = Vec::with_capacity(sessions.len());
    let all = || sessions.iter().chain(others);
    let number = sessions.len() + others.len();
    // The request's terms stand first. In this table `text` is the request's weight, and `path` counts sessions.
    // Sessions share many terms, so that it stays far smaller than all of them: a small table is a fast one.
    let mut table = Terms::with(2 * request.len() + 256);
    for term in request.iter() {
        let index = table.add(term.token);
        if let Some(known) = table.list.get_mut(index) {
            known.text = term.text;
        }
    }
    let mut places: Vec<u32> = Vec::with_capacity(all().map(|it| it.len()).sum());
    for term in all().flat_map(|session| session.iter()) {
        let index = table.add(term.token);
        if let Some(known) = table.list.get_mut(index) {
            known.path += 1;
        }
        places.push(index as u32);
    }
    let idf: Vec<u32> = (0..=number as u32)
        .map(|df| (log2(2 * (number as u32 + 1)) - log2(2 * df + 1)).max(0) as u32)
        .collect();
    // From here on `path` is the idf.
    let mut asked = Norm::default();
    for term in &mut table.list {
        term.path = idf.get(term.path as usize).copied().unwrap_or_default();
        term.text = (term.text * term.path) >> 8;
        asked.add(term.text);
    }
    let asked = asked.root();
    let mut places = places.into_iter();
    for (rank, session) in sessions.iter().enumerate() {
        let (mut text, mut paths) = (Norm::default(), Norm::default());
        let (mut with_text, mut with_paths) = (0_u64, 0_u64);
        let (mut rarest, mut identifiers) = (0, 0);
        for (term, place) in session.iter().zip(places.by_ref()) {
            let place = place as usize;
            let Some(known) = table.list.get(place) else {
                continue;
            };
            let idf = known.path;
            let [in_text, in_paths] = [term.text, term.path].map(|count| (count * idf) >> 8);
            text.add(in_text);
            paths.add(in_paths);
            if place < request.len() {
                with_text += u64::from(known.text) * u64::from(in_text);
                with_paths += u64::from(known.text) * u64::from(in_paths);
                rarest = rarest.max(idf);
                if is_identifier(term.token) {
                    identifiers += idf;
                }
            }
        }
        let score = TEXT * cosine(with_text, asked, text.root())
            + PATHS * cosine(with_paths, asked, paths.root())
            + RAREST * rarest as i32
            + IDENTIFIERS * identifiers.min(MOST_IDENTIFIERS) as i32
            + RECENCY * log2(1 + rank as u32);
        // Those before it were used later: a session goes behind each that scores the same.
        let better = weighed.partition_point(|other| other.score >= score);
        let session = Weighed {
            index: rank,
            score,
            confidence: 0,
        };
        weighed.insert(better, session);
    }
    if !request.is_empty() {
        add_confidence(&mut weighed);
    }
    weighed
}

/// Adds how likely each session is, beside the others and new work.
fn add_confidence(weighed: &mut [Weighed]) {
    let highest = weighed.iter().map(|it| it.score).max();
    let highest = highest.unwrap_or_default().max(NEW_WORK);
    let likely = |score: i32| exp(score - highest);
    let all = weighed.iter().map(|it| likely(it.score)).sum::<u64>() + likely(NEW_WORK);
    for session in weighed {
        session.confidence = (1_000 * likely(session.score) / all) as u32;
    }
}

/// A sum of squares of numbers in Q8.
#[derive(Default)]
struct Norm(u64);

impl Norm {
    fn add(&mut self, number: u32) {
        self.0 += u64::from(number) * u64::from(number);
    }

    /// Its root in Q16.
    fn root(&self) -> u64 {
        sqrt(self.0 << 16)
    }
}

/// The cosine in Q8, of a product in Q16 and two norms in Q16.
fn cosine(product: u64, one: u64, other: u64) -> i32 {
    let norms = (one * other) >> 16;
    match norms {
        0 => 0,
        norms => ((product << 8) / norms).min(256) as i32,
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Profile {
        Profile::of(text, "", std::iter::empty())
    }

    #[test]
    fn of_two_sessions_alike_the_more_recent_is_better() {
        let session = asked("explore auth");
        let weighed = weigh(&asked("explore auth again"), &[&session, &session], &[]);
        assert_eq!(weighed[0].index, 0);
        assert_eq!(weighed[0].score - weighed[1].score, -RECENCY * 256);
    }

    #[test]
    fn a_request_without_terms_follows_up_nothing() {
        let session = asked("explore auth");
        let weighed = weigh(&asked("the"), &[&session, &session], &[]);
        assert_eq!(
            weighed
                .iter()
                .map(|it| (it.index, it.confidence))
                .collect::<Vec<_>>(),
            [(0, 0), (1, 0)]
        );
    }

    #[test]
    fn other_sessions_make_a_term_common() {
        let (session, request) = (asked("explore cache"), asked("explore cache"));
        let alone = weigh(&request, &[&session], &[]);
        let rare = weigh(&request, &[&session], &[&asked("docs"), &asked("tests")]);
        let common = weigh(&request, &[&session], &[&session, &session]);
        assert!(rare[0].score > alone[0].score && alone[0].score > common[0].score);
    }

    #[test]
    fn the_confidences_and_that_of_new_work_are_one() {
        let sessions: Vec<Profile> = (0..64)
            .map(|n| asked(&format!("look at part{n} of the cache")))
            .collect();
        let sessions: Vec<&Profile> = sessions.iter().collect();
        let weighed = weigh(&asked("go on with part7"), &sessions, &[]);
        assert_eq!(weighed[0].index, 7);
        assert!(weighed.iter().map(|it| it.confidence).sum::<u32>() < 1_000);
        assert!(weighed.is_sorted_by(|one, other| one.score >= other.score));
    }

    #[test]
    fn no_sessions_give_no_ranking() {
        assert!(weigh(&asked("explore"), &[], &[]).is_empty());
    }
}
