//! Terms by token.

/// How many different terms of a session or a request count: the first. A text of the largest size has fewer in any
/// language, so only a made-up one meets this limit.
pub const TERMS: usize = 512;

/// A token with how often it occurs, or with the square roots of that in Q8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) token: u32,
    /// In what was asked.
    pub(super) text: u32,
    /// In the paths of files.
    pub(super) path: u32,
}

/// Terms by token: a table with open places, for it is filled for each ranking.
#[derive(Debug)]
pub(super) struct Terms {
    /// In the order in which they were added.
    pub(super) list: Vec<Term>,
    /// Tokens, each with one more than the index of its term in the list, or 0. Their number is a power of two.
    places: Vec<(u32, u32)>,
}

impl Terms {
    /// A table with room for about that many terms.
    pub(super) fn with(terms: usize) -> Terms {
        let places = (2 * terms).next_power_of_two();
        Terms {
            list: Vec::with_capacity(terms),
            places: vec![(0, 0); places],
        }
    }

    /// The term of a token, which is added if there is room.
    pub(super) fn of(&mut self, token: u32) -> Option<&mut Term> {
        let index = match self.find(token) {
            Ok(index) => index,
            Err(place) if self.list.len() < TERMS => self.put(token, place),
            Err(_) => return None,
        };
        self.list.get_mut(index)
    }

    /// The index of the term of a token, which is added without a limit.
    pub(super) fn add(&mut self, token: u32) -> usize {
        self.find(token)
            .unwrap_or_else(|place| self.put(token, place))
    }

    /// The index of the term of a token, or else the place for it.
    fn find(&self, token: u32) -> Result<usize, usize> {
        let mut place = self.first(token);
        while let Some((known, taken)) = self.places.get(place).filter(|(_, taken)| *taken > 0) {
            if *known == token {
                return Ok(*taken as usize - 1);
            }
            place = (place + 1) & (self.places.len() - 1);
        }
        Err(place)
    }

    fn put(&mut self, token: u32, place: usize) -> usize {
        let index = self.list.len();
        self.list.push(Term {
            token,
            ..Term::default()
        });
        if 2 * self.list.len() > self.places.len() {
            self.grow();
        } else if let Some(place) = self.places.get_mut(place) {
            *place = (token, index as u32 + 1);
        }
        index
    }

    /// The first place at which a token may stand.
    fn first(&self, token: u32) -> usize {
        let spread = token.wrapping_mul(0x9E37_79B1);
        (spread >> 8) as usize & (self.places.len() - 1)
    }

    #[cold]
    fn grow(&mut self) {
        let list = std::mem::take(&mut self.list);
        *self = Terms::with(2 * list.len());
        for term in list {
            let index = self.add(term.token);
            if let Some(known) = self.list.get_mut(index) {
                *known = term;
            }
        }
    }
}
