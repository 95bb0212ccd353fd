//! Which session a request follows up, written from the method alone: sets of words, and no hashes.

use crate::model::{Ask, Known, Model};
use std::collections::BTreeMap;

/// The stop words of the texts that are played.
const STOP: [&str; 8] = ["and", "are", "do", "in", "it", "of", "the", "where"];

/// How often each word occurs, and whether it is an identifier.
type Bag = BTreeMap<(String, bool), u64>;

/// A session as it was weighed: its id, its score in Q16 and its confidence in thousandths.
#[derive(Clone, Debug)]
pub struct Likely {
    pub id: String,
    pub score: i64,
    pub confidence: u64,
}

fn kind(c: char) -> u8 {
    match c {
        '0'..='9' => 0,
        'a'..='z' => 1,
        'A'..='Z' => 2,
        _ => 3,
    }
}

fn without_ending(word: &str) -> String {
    let cut = |end: &str, least: usize| word.strip_suffix(end).filter(|_| word.len() >= least);
    let mut stem = word.to_owned();
    if let Some(head) = cut("ies", 5) {
        stem = format!("{head}y");
    } else if let Some(head) = cut("ing", 6).or(cut("ed", 5)) {
        stem = head.to_owned();
    } else if let Some(head) = cut("es", 5).filter(|head| head.ends_with(['s', 'x', 'z'])) {
        stem = head.to_owned();
    } else if let Some(head) = cut("s", 4).filter(|head| !head.ends_with('s')) {
        stem = head.to_owned();
    }
    match stem.strip_suffix('e') {
        Some(head) if stem.len() > 3 => head.to_owned(),
        _ => stem,
    }
}

/// The words of a text. No text that is played has a ticket.
fn words(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for run in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
        if !run.is_ascii() {
            found.push((run.to_lowercase(), false));
            continue;
        }
        let chars: Vec<char> = run.chars().collect();
        let mut parts: Vec<String> = vec![String::new()];
        for (at, c) in chars.iter().enumerate() {
            let before = if at > 0 {
                kind(chars[at - 1])
            } else {
                kind(*c)
            };
            let last_capital = before == 2
                && kind(*c) == 2
                && chars.get(at + 1).is_some_and(|next| kind(*next) == 1);
            let same = before == kind(*c) || before == 2 && kind(*c) == 1;
            if !same || last_capital {
                parts.push(String::new());
            }
            parts.last_mut().unwrap().push(*c);
        }
        parts.retain(|part| !part.is_empty() && !part.starts_with('_'));
        for part in &parts {
            let word = part.to_lowercase();
            let letters = word.chars().all(|c| kind(c) == 1);
            if word.len() > 1 && letters && !STOP.contains(&&*word) {
                found.push((without_ending(&word), false));
            }
        }
        if parts.len() > 1 && chars.iter().any(|c| [1, 2].contains(&kind(*c))) {
            found.push((run.to_lowercase(), true));
        }
    }
    found
}

fn text_bag(description: &str, prompt: &str) -> Bag {
    let mut bag = Bag::new();
    for (text, times) in [(description, 2), (prompt, 1)] {
        for word in words(text) {
            *bag.entry(word).or_default() += times;
        }
    }
    bag
}

fn path_bag(files: &[String]) -> Bag {
    let mut bag = Bag::new();
    for file in files {
        let name = file.rfind('/').map_or(0, |at| at + 1);
        let end = file.rfind('.').filter(|dot| *dot > name);
        for word in words(&file[..end.unwrap_or(file.len())]) {
            *bag.entry(word).or_default() += 1;
        }
    }
    bag
}

/// The logarithm in 256ths: the digits after the point come by squaring.
fn log2(number: u64) -> i64 {
    let whole = i64::from(number.ilog2());
    let mut mantissa = (number << 15) >> whole;
    let mut log = whole * 256;
    for bit in [128, 64, 32, 16, 8, 4, 2, 1] {
        mantissa = (mantissa * mantissa) >> 15;
        if mantissa >= 65_536 {
            mantissa /= 2;
            log += bit;
        }
    }
    log
}

fn root(number: u64) -> u64 {
    (number as f64).sqrt() as u64
}

/// The weights of the words of a bag, in 256ths.
fn weights<'a>(
    bag: &'a Bag,
    idf: &dyn Fn(&(String, bool)) -> u64,
) -> BTreeMap<&'a (String, bool), u64> {
    let weight =
        |(word, times): (&'a (String, bool), &u64)| (word, (root(times << 16) * idf(word)) >> 8);
    bag.iter().map(weight).collect()
}

fn cosine(one: &BTreeMap<&(String, bool), u64>, other: &BTreeMap<&(String, bool), u64>) -> i64 {
    let norm =
        |bag: &BTreeMap<&(String, bool), u64>| root(bag.values().map(|w| w * w).sum::<u64>() << 16);
    let product: u64 = one
        .iter()
        .filter_map(|(word, w)| Some(w * other.get(*word)?))
        .sum();
    match (norm(one) * norm(other)) >> 16 {
        0 => 0,
        norms => ((product << 8) / norms).min(256) as i64,
    }
}

impl Model {
    /// The sessions that a request may follow up, the best first.
    pub fn likely(&self, ask: &Ask, agent: Option<&str>, most: usize, own: bool) -> Vec<Likely> {
        let mut pool = self.own(&ask.session, agent);
        pool.retain(|s| !s.by_user && (!own || s.parent.as_deref() == Some(&*ask.session)));
        pool.truncate(most);
        let known = |s: &&Known| pool.iter().any(|other| other.id == s.id);
        let of = |s: &&Known| agent.is_some() && s.agent.as_deref() == agent;
        let others = self.sessions.iter().rev().filter(of).filter(|s| !known(s));
        let bags = |s: &Known| (text_bag(&s.description, &s.prompt), path_bag(&s.files));
        let all: Vec<(Bag, Bag)> = pool
            .iter()
            .copied()
            .chain(others.take(8))
            .map(bags)
            .collect();
        let request = text_bag(&ask.description, &ask.prompt);
        let idf = |word: &(String, bool)| {
            let with = all
                .iter()
                .filter(|(text, paths)| text.contains_key(word) || paths.contains_key(word));
            let rare = log2(2 * (all.len() as u64 + 1)) - log2(2 * with.count() as u64 + 1);
            rare.max(0) as u64
        };
        let asked = weights(&request, &idf);
        let mut likely: Vec<Likely> = Vec::new();
        for (rank, session) in pool.iter().enumerate() {
            let (text, paths) = &all[rank];
            let both = request
                .keys()
                .filter(|word| text.contains_key(*word) || paths.contains_key(*word));
            let both: Vec<_> = both.collect();
            let rarest = both.iter().map(|word| idf(word)).max().unwrap_or(0);
            let names: u64 = both
                .iter()
                .filter(|word| word.1)
                .map(|word| idf(word))
                .sum();
            let score = 2008 * cosine(&asked, &weights(text, &idf))
                + 2842 * cosine(&asked, &weights(paths, &idf))
                + 99 * rarest as i64
                + 182 * names.min(512) as i64
                - 188 * log2(1 + rank as u64);
            likely.push(Likely {
                id: session.id.clone(),
                score,
                confidence: 0,
            });
        }
        likely.sort_by_key(|it| std::cmp::Reverse(it.score));
        let power = |score: i64| ((score - 624 * 256) as f64 / 65_536.0).exp();
        let sum: f64 = 1.0 + likely.iter().map(|it| power(it.score)).sum::<f64>();
        for it in likely.iter_mut().filter(|_| !request.is_empty()) {
            it.confidence = (1000.0 * power(it.score) / sum) as u64;
        }
        likely
    }

    /// Whether a session could go on unasked.
    pub fn may_go_on(&self, id: &str, ask: &Ask) -> bool {
        let session = self.get(id).unwrap();
        let message = session.spawned.as_ref().map(|(message, _)| message);
        !self.running(session) && (message.is_none() || message != ask.message.as_ref())
    }

    pub fn wants_fresh(&self, ask: &Ask) -> bool {
        let text = ask.description.to_lowercase();
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
        let says = |begin: &str| words.iter().any(|word| word.starts_with(begin));
        let fresh = ["review", "audit", "verif", "critiqu", "independent"];
        let again = says("again")
            || says("continue")
            || says("continuing")
            || fresh
                .iter()
                .any(|begin| text.contains(&format!("re-{begin}")));
        fresh.iter().any(|begin| says(begin)) && !again
    }

    /// The file as a session keeps it, if it does.
    pub fn touched(&mut self, id: &str, file: &str) {
        let Some(session) = self.get_mut(id).filter(|s| s.parent.is_some()) else {
            return;
        };
        if file.starts_with('/') || file.contains("..") {
            return;
        }
        let known = session.files.iter().position(|known| known == file);
        let news = known.is_none();
        known
            .into_iter()
            .for_each(|at| drop(session.files.remove(at)));
        session.files.push(file.to_owned());
        session.marked |= news && session.part && session.status == 2;
    }
}
