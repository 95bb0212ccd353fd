//! The tree of sessions.

use crate::collections::in_order;
use crate::names::root_digest;
use crate::protocol::Names;
use crate::state::name_table::Holder;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;

impl Registry {
    pub(crate) fn parent(&self, key: SessionKey) -> Option<SessionKey> {
        self.get(key)?.links.parent
    }

    /// How far a session is below its root.
    pub(crate) fn depth(&self, key: SessionKey) -> u32 {
        self.get(key).map_or(0, |entry| entry.links.depth)
    }

    /// The topmost session above one.
    pub(crate) fn root(&self, key: SessionKey) -> SessionKey {
        let mut top = key;
        while let Some(parent) = self.get(top).and_then(|entry| entry.links.parent) {
            top = parent;
        }
        top
    }

    /// Makes a session the child of another, with all that is below it, unless that would close a circle.
    pub(crate) fn link(&mut self, child: SessionKey, parent: SessionKey) {
        let mut above = Some(parent);
        while let Some(key) = above {
            if key == child {
                return;
            }
            above = self.parent(key);
        }
        let Some(entry) = self.get(child).filter(|child| child.links.parent.is_none()) else {
            return;
        };
        let seq = entry.identity.seq;
        let moved = self.below(child);
        let names: Vec<(SessionKey, Names)> = moved
            .into_iter()
            .filter_map(|key| Some((key, self.get(key)?.names.all())))
            .collect();
        for (key, _) in names.iter().rev() {
            self.release_names(*key);
            self.remove_use(*key);
        }
        // The names that are left under its own root belong to open calls.
        let held = self.get_mut(child).and_then(|entry| {
            entry.links.parent = Some(parent);
            let scope = entry.scope.as_mut()?;
            Some(std::mem::take(&mut scope.names))
        });
        if let Some(above) = self.get_mut(parent) {
            let children = &mut above.links.children;
            if let Err(index) = children.binary_search(&(seq, child)) {
                children.insert(index, (seq, child));
            }
        }
        self.add_spent_above(child, self.spent(child));
        let root = self.root(child);
        let held = held.unwrap_or_default();
        if let Some(under_root) = self.names_under(root) {
            for (name, came) in held.aliases {
                came.into_iter()
                    .for_each(|came| under_root.add_alias(&name, came));
            }
        }
        for (slug, holder) in held.own {
            let Some(under_root) = self.names_under(root) else {
                continue;
            };
            let owner = *under_root.own.entry(slug).or_insert(holder);
            // A call whose name is taken under the new root has no claim to it any more.
            if owner != holder
                && let Holder::Ticket(number) = holder
                && let Some(derived) = self.tickets.yield_name(number)
            {
                self.derived.remove(&derived);
            }
        }
        let digest = names
            .iter()
            .any(|(_, names)| !names.is_empty())
            .then(|| root_digest(&self.id(root)));
        let fits = |id: &str| {
            let digits = id.get(4..).and_then(|id| id.split('_').next());
            digits
                .zip(digest.as_deref())
                .is_some_and(|(digits, digest)| digest.starts_with(digits))
        };
        for (key, names) in names {
            let above = self.parent(key).map_or(0, |above| self.depth(above) + 1);
            if let Some(entry) = self.get_mut(key) {
                entry.links.depth = above;
            }
            self.add_use(key);
            // A record may come before the sessions above its own: its id stays.
            let recorded = self.get(key).is_some_and(|entry| {
                let record = &entry.record;
                record.has_name && !record.was_asked()
            });
            for (slug, derived) in names {
                let stays = |id: &&str| recorded || fits(id);
                self.give_name(key, &slug, Some(&*derived).filter(stays));
                if self.slug(key) != Some(&slug) {
                    self.mark(key);
                }
            }
        }
    }

    /// A session and all below it, each after its parent.
    pub(crate) fn below(&self, key: SessionKey) -> Vec<SessionKey> {
        let mut all = vec![key];
        let mut next = 0;
        while let Some(key) = all.get(next).copied() {
            let children = self.get(key).map(|entry| &entry.links.children);
            all.extend(children.into_iter().flatten().map(|child| child.1));
            next += 1;
        }
        all
    }

    /// The sessions below a root and the root itself, in the order in which they became known.
    pub(crate) fn tree(&self, root: SessionKey) -> Vec<SessionKey> {
        self.oldest_first(self.below(root))
    }

    /// Sessions, in the order in which they became known.
    pub(super) fn oldest_first(&self, all: Vec<SessionKey>) -> Vec<SessionKey> {
        let seq = |key| self.get(key).map_or(0, |entry| entry.identity.seq);
        let all: Vec<_> = all.into_iter().map(|key| (seq(key), key)).collect();
        let order = in_order(all.len(), &|one, other| all.get(one).cmp(&all.get(other)));
        let key = |index| all.get(index).map(|(_, key)| *key);
        order.into_iter().filter_map(key).collect()
    }

    /// Every root, in the order in which they became known.
    pub(super) fn roots(&self) -> Vec<SessionKey> {
        let all = self.ids.values().copied();
        self.oldest_first(all.filter(|key| self.parent(*key).is_none()).collect())
    }
}
