//! A map that can take back what was done to it since the last confirmed mark.
//!
//! The desk runs ahead of the disk: it decides the next batch while the last one is being stored.
//! When storing fails, everything decided since must be as if it had never been. Each table keeps
//! the first image of every entry touched in an epoch, so going back is exact and costs nothing
//! while nothing fails.

use std::collections::{BTreeMap, VecDeque};

#[derive(Clone, Debug)]
struct Stamped<V> {
    epoch: u64,
    value: V,
}

/// A sorted map with undo.
#[derive(Clone, Debug)]
pub struct Table<K, V> {
    rows: BTreeMap<K, Stamped<V>>,
    images: VecDeque<(u64, K, Option<V>)>,
    epoch: u64,
}

impl<K: Ord + Clone, V: Clone> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), images: VecDeque::new(), epoch: 1 }
    }
}

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    /// The entry under `key`.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.rows.get(key).map(|row| &row.value)
    }

    /// True when there is an entry under `key`.
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: std::borrow::Borrow<Q>,
    {
        self.rows.contains_key(key)
    }

    /// The entry under `key`, to change; its image is kept if this epoch has not done so yet.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let row = self.rows.get_mut(key)?;
        if row.epoch != self.epoch {
            self.images.push_back((self.epoch, key.clone(), Some(row.value.clone())));
            row.epoch = self.epoch;
        }
        Some(&mut row.value)
    }

    /// Sets the entry under `key`.
    pub fn insert(&mut self, key: K, value: V) {
        let fresh = Stamped { epoch: self.epoch, value };
        let before = self.rows.insert(key.clone(), fresh);
        match before {
            Some(row) if row.epoch == self.epoch => {}
            before => self.images.push_back((self.epoch, key, before.map(|row| row.value))),
        }
    }

    /// Removes and returns the entry under `key`.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
    {
        let (key, row) = self.rows.remove_entry(key)?;
        self.images.push_back((self.epoch, key, Some(row.value.clone())));
        Some(row.value)
    }

    /// Entries in the order of their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.rows.iter().map(|(key, row)| (key, &row.value))
    }

    /// Entries whose keys lie in `range`, in order.
    pub fn range<R: std::ops::RangeBounds<K>>(
        &self,
        range: R,
    ) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.rows.range(range).map(|(key, row)| (key, &row.value))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Begins epoch `epoch`, greater than all before it.
    pub fn begin(&mut self, epoch: u64) {
        self.epoch = epoch;
    }

    /// Forgets the images of epochs before `epoch`: they are stored.
    pub fn confirm(&mut self, epoch: u64) {
        while self.images.front().is_some_and(|(e, _, _)| *e < epoch) {
            self.images.pop_front();
        }
    }

    /// Puts everything back as it was when the oldest image kept was taken.
    pub fn rollback(&mut self) {
        while let Some((_, key, before)) = self.images.pop_back() {
            match before {
                // Epoch 0 is before all: the next change takes a new image.
                Some(value) => self.rows.insert(key, Stamped { epoch: 0, value }),
                None => self.rows.remove(&key),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Op {
        Insert(u8, u32),
        Remove(u8),
        Change(u8, u32),
        Mark,
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            (0u8..8, any::<u32>()).prop_map(|(k, v)| Op::Insert(k, v)),
            (0u8..8).prop_map(Op::Remove),
            (0u8..8, any::<u32>()).prop_map(|(k, v)| Op::Change(k, v)),
            Just(Op::Mark),
        ]
    }

    proptest! {
        /// Going back gives exactly the state at the confirmed mark, whatever came between.
        #[test]
        fn rollback_restores_the_confirmed_state(
            ops in proptest::collection::vec(op(), 0..60),
            confirmed in 0u64..8,
        ) {
            let mut table = Table::default();
            let mut epoch = 1;
            let mut at_mark = vec![(1, BTreeMap::new())];
            for op in ops {
                match op {
                    Op::Insert(k, v) => table.insert(k, v),
                    Op::Remove(k) => { table.remove(&k); }
                    Op::Change(k, v) => if let Some(row) = table.get_mut(&k) { *row = v },
                    Op::Mark => {
                        epoch += 1;
                        table.begin(epoch);
                        at_mark.push((epoch, table.iter().map(|(k, v)| (*k, *v)).collect()));
                    }
                }
            }
            let (mark, expected) = at_mark[(confirmed as usize).min(at_mark.len() - 1)].clone();
            table.confirm(mark);
            table.rollback();
            let now: BTreeMap<u8, u32> = table.iter().map(|(k, v)| (*k, *v)).collect();
            prop_assert_eq!(now, expected);
        }
    }
}
