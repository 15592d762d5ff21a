//! Which items of a list have been delivered: exact while it lives, and of bounded size when stored.
//!
//! In memory each identity is known. Stored are the latest ones ([`RECENT`]) and, for lists that every poll reads whole, at
//! most twice [`PIECES`] pieces of the list in its order: how many items of a piece were delivered, the sum of their
//! identities, and the first and last of them. From these the delivered items of the same list are found again after a
//! restart, also where it has grown at either end, or lost items. A piece into which several items were put meanwhile
//! cannot be distinguished and comes again: nothing is lost.

use std::collections::{HashMap, HashSet, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac_sha256::Hash;

/// The identities that are stored one by one.
pub(crate) const RECENT: usize = 1_024;

/// The pieces into which a list is cut, not counting the cuts between delivered items and new ones.
const PIECES: usize = 128;

/// An item's identity, hashed: its `id`, or all that stands in it. The hash is the same in every version and on every machine,
/// since it is stored.
#[derive(Debug, Clone, Copy, Eq)]
pub(crate) struct Identity(u64);

impl Identity {
    pub(crate) fn of(text: &str) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = Hash::hash(text.as_bytes());
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        #[cfg(test)]
        tests::COMPARISONS.with(|count| count.set(count.get() + 1));
        self.0 == other.0
    }
}

impl std::hash::Hash for Identity {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

/// The delivered items of a list. Times are in milliseconds since 1970.
#[derive(Debug, Clone, Default)]
pub(crate) struct Delivered {
    /// Every item that a poll may bring again, with its time where it has one.
    known: HashMap<Identity, Option<i64>>,
    /// The latest of them, the last at the back.
    recent: VecDeque<Identity>,
    pieces: Vec<Piece>,
    /// Whether the pieces are those of the list that was read last, so that deliveries are noted in them.
    current: bool,
    /// The time below which identities may be missing from `recent`.
    dropped: Option<i64>,
    /// The time of the last poll: items that are dated later move no bound.
    now: i64,
}

/// A part of a list: its delivered items.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Where it begins in the list, as long as it is current.
    start: usize,
    count: u64,
    /// The sum of the identities, modulo 2^64.
    sum: u64,
    /// The first and the last delivered item and, as long as the piece is current, their places in the list.
    first: (Identity, usize),
    last: (Identity, usize),
}

impl Piece {
    fn add(&mut self, identity: Identity, place: usize) {
        if self.count == 0 || place < self.first.1 {
            self.first = (identity, place);
        }
        if self.count == 0 || place > self.last.1 {
            self.last = (identity, place);
        }
        self.count += 1;
        self.sum = self.sum.wrapping_add(identity.0);
    }
}

impl Delivered {
    pub(crate) fn knows(&self, identity: Identity) -> bool {
        self.known.contains_key(&identity)
    }

    /// Notes a delivery; `place` is the item's place in the list that was read last.
    pub(crate) fn note(&mut self, identity: Identity, at: Option<i64>, place: usize) {
        if self.known.insert(identity, at).is_some() {
            return;
        }
        self.recent.push_back(identity);
        self.trim();
        if self.current {
            let index = self.pieces.partition_point(|piece| piece.start <= place);
            if let Some(piece) = index.checked_sub(1).and_then(|index| self.pieces.get_mut(index)) {
                piece.add(identity, place);
            }
        }
    }

    /// Takes over an identity of a cursor that an earlier version stored.
    pub(crate) fn restore(&mut self, identity: Identity, at: Option<i64>) {
        if self.known.insert(identity, at).is_none() {
            self.recent.push_back(identity);
        }
    }

    fn trim(&mut self) {
        while self.recent.len() > RECENT {
            let at = self.recent.pop_front().and_then(|oldest| self.known.get(&oldest).copied());
            if let Some(at) = at.flatten().filter(|at| *at <= self.now) {
                self.dropped = self.dropped.max(Some(at));
            }
        }
    }

    /// Forgets what bears a time before `until`, which no poll brings again.
    pub(crate) fn forget(&mut self, until: i64, now: i64) {
        self.now = now;
        let Self { known, recent, .. } = self;
        known.retain(|_, at| at.is_none_or(|at| at >= until));
        recent.retain(|identity| known.contains_key(identity));
    }

    /// The time below which the stored form does not name what was delivered.
    pub(crate) fn dropped(&self) -> Option<i64> {
        self.dropped
    }

    /// Takes a list that a poll has read whole: finds again in it what was delivered before a restart, and cuts it anew.
    pub(crate) fn arrange(&mut self, list: &[Identity]) {
        if !self.current {
            for identity in self.found_again(list) {
                self.known.entry(identity).or_insert(None);
            }
        }
        let known = list.iter().filter(|identity| self.knows(**identity)).count() as u64;
        let described: u64 = self.pieces.iter().map(|piece| piece.count).sum();
        // A list that lacks most of what is known comes from a server that is behind, and says nothing about the rest.
        self.current = known.saturating_mul(2) >= described;
        if self.current {
            self.pieces = self.cut(list);
        }
    }

    /// Cuts a list into pieces of one length, and where delivered items border on new ones, unless those are mixed.
    fn cut(&self, list: &[Identity]) -> Vec<Piece> {
        let length = list.len().div_ceil(PIECES).max(1);
        let delivered: Vec<bool> = list.iter().map(|identity| self.knows(*identity)).collect();
        let borders = delivered.windows(2).filter(|pair| pair.first() != pair.last()).count();
        let mixed = borders > PIECES / 2;
        let mut pieces: Vec<Piece> = Vec::new();
        let mut before = None;
        for (place, (identity, delivered)) in list.iter().zip(delivered).enumerate() {
            let border = !mixed && before.is_some_and(|before| before != delivered);
            let full = pieces.last().is_none_or(|piece| place - piece.start >= length);
            if border || full {
                let edge = (*identity, place);
                pieces.push(Piece { start: place, count: 0, sum: 0, first: edge, last: edge });
            }
            if let Some(piece) = pieces.last_mut().filter(|_| delivered) {
                piece.add(*identity, place);
            }
            before = Some(delivered);
        }
        pieces
    }

    /// The items of a list that the pieces of an earlier run describe.
    fn found_again(&self, list: &[Identity]) -> Vec<Identity> {
        let places: HashMap<Identity, usize> =
            list.iter().enumerate().map(|(place, identity)| (*identity, place)).collect();
        let place = |(identity, _): (Identity, usize)| places.get(&identity).copied();
        let mut found = Vec::new();
        // The end of the piece before, and the pieces since whose first and last items are both gone from the list.
        let mut from = 0;
        let mut gone = 0;
        for piece in self.pieces.iter().filter(|piece| piece.count > 0) {
            let count = usize::try_from(piece.count).unwrap_or(usize::MAX);
            let (start, end) = match (place(piece.first), place(piece.last)) {
                (Some(start), Some(end)) if start <= end => (start, end + 1),
                // One end has been deleted, so that there are fewer items than there were.
                (Some(start), None) => (start, start.saturating_add(count - 1)),
                (None, Some(end)) => ((end + 2).saturating_sub(count).max(from), end + 1),
                (Some(_), Some(_)) => continue,
                (None, None) => {
                    gone += count;
                    continue;
                }
            };
            // What is left of pieces that lost both ends stands before this one, if it is no more than they had.
            if let Some(between) = list.get(from..start).filter(|between| between.len() < gone) {
                found.extend(between);
            }
            gone = 0;
            let end = end.min(list.len());
            found.extend(delivered_of(list.get(start..end).unwrap_or_default(), piece));
            from = end.max(from);
        }
        if let Some(rest) = list.get(from..).filter(|rest| rest.len() < gone) {
            found.extend(rest);
        }
        found
    }

    /// What is stored: the latest identities, their times where any has one, and the pieces.
    pub(crate) fn pack(&self) -> (String, String, String) {
        let times: Vec<_> =
            self.recent.iter().map(|it| self.known.get(it).copied().flatten()).collect();
        let times = match times.iter().any(Option::is_some) {
            true => pack(times.iter().map(|at| at.unwrap_or(i64::MIN).cast_unsigned())),
            false => String::new(),
        };
        let pieces = self.pieces.iter().filter(|piece| piece.count > 0);
        let pieces = pieces.flat_map(|it| [it.count, it.sum, it.first.0.0, it.last.0.0]);
        (pack(self.recent.iter().map(|it| it.0)), times, pack(pieces))
    }

    /// Reads what [`pack`](Self::pack) wrote; `None` for anything else.
    pub(crate) fn unpack(recent: &str, times: &str, pieces: &str) -> Option<Self> {
        let mut delivered = Self::default();
        let times = unpack(times)?;
        for (index, identity) in unpack(recent)?.into_iter().enumerate() {
            let at = times.get(index).map(|at| at.cast_signed()).filter(|at| *at != i64::MIN);
            delivered.restore(Identity(identity), at);
        }
        for piece in unpack(pieces)?.chunks(4) {
            let [count, sum, first, last] = *piece else { return None };
            let (first, last) = ((Identity(first), 0), (Identity(last), 0));
            delivered.pieces.push(Piece { start: 0, count, sum, first, last });
        }
        Some(delivered)
    }
}

/// The delivered items among those from the first to the last delivered item of a piece: all, unless there are more than
/// there were. One that was put between them is what the sum exceeds by; of several nobody knows which they are.
fn delivered_of(items: &[Identity], piece: &Piece) -> Vec<Identity> {
    let count = items.len() as u64;
    if count <= piece.count {
        return items.to_vec();
    }
    let sum = items.iter().fold(0_u64, |sum, item| sum.wrapping_add(item.0));
    let excess = Identity(sum.wrapping_sub(piece.sum));
    let others: Vec<_> = items.iter().copied().filter(|item| *item != excess).collect();
    if others.len() as u64 == piece.count { others } else { Vec::new() }
}

fn pack(numbers: impl Iterator<Item = u64>) -> String {
    STANDARD_NO_PAD.encode(numbers.flat_map(u64::to_be_bytes).collect::<Vec<_>>())
}

fn unpack(text: &str) -> Option<Vec<u64>> {
    let bytes = STANDARD_NO_PAD.decode(text).ok()?;
    bytes.chunks(8).map(|number| number.try_into().ok().map(u64::from_be_bytes)).collect()
}

/// The places of the items that occur for the first time in a list.
pub(crate) fn first_occurrences(list: impl Iterator<Item = Identity>) -> Vec<bool> {
    let mut met = HashSet::new();
    list.map(|identity| met.insert(identity)).collect()
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, collections::HashSet};

    use super::{Delivered, Identity};

    thread_local! {
        pub(super) static COMPARISONS: Cell<usize> = const { Cell::new(0) };
    }

    fn list(numbers: impl IntoIterator<Item = u32>) -> Vec<Identity> {
        // Spread over all values, as hashes are.
        let spread = |n: u32| Identity(u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        numbers.into_iter().map(spread).collect()
    }

    /// One poll: the list is taken, and so many of its new items are delivered.
    fn poll(delivered: &mut Delivered, list: &[Identity], most: usize) -> Vec<Identity> {
        delivered.arrange(list);
        let new = list.iter().enumerate().filter(|(_, it)| !delivered.knows(**it));
        let new: Vec<_> = new.map(|(place, it)| (place, *it)).take(most).collect();
        for (place, identity) in &new {
            delivered.note(*identity, None, *place);
        }
        new.into_iter().map(|(_, identity)| identity).collect()
    }

    /// As after a restart.
    fn stored(delivered: &Delivered) -> Delivered {
        let (recent, times, pieces) = delivered.pack();
        assert!(recent.len() + times.len() + pieces.len() < 24_000, "the stored form stays small");
        Delivered::unpack(&recent, &times, &pieces).unwrap()
    }

    #[test]
    fn restarts_repeat_nothing_and_lose_nothing() {
        const N: u32 = 5_000;
        // The list before a restart, how many of its items were delivered, the list after it, and what is new then.
        type Case = (&'static str, Vec<u32>, usize, Vec<u32>, Vec<u32>);
        let up = |from: u32, to: u32| (from..to).collect::<Vec<_>>();
        let down = |from: u32, to: u32| (from..to).rev().collect::<Vec<_>>();
        let without = |list: Vec<u32>, gone: &[u32]| -> Vec<u32> {
            list.into_iter().filter(|it| !gone.contains(it)).collect()
        };
        let inserted = |mut list: Vec<u32>, at: usize, one: u32| {
            list.insert(at, one);
            list
        };
        let cases: [Case; 11] = [
            ("nothing", up(0, N), usize::MAX, up(0, N), vec![]),
            ("appended", up(0, N), usize::MAX, up(0, N + 3_000), up(N, N + 3_000)),
            ("put before", down(0, N), usize::MAX, down(0, N + 3_000), down(N, N + 3_000)),
            ("half delivered", up(0, N), 2_777, up(0, N + 5), up(2_777, N + 5)),
            ("half delivered, newest first", down(0, N), 2_777, down(0, N), down(0, N - 2_777)),
            ("oldest gone", up(0, N), usize::MAX, up(2_003, N + 9), up(N, N + 9)),
            ("all gone but one", up(0, N), usize::MAX, up(N - 1, N + 9), up(N, N + 9)),
            (
                "some deleted",
                up(0, N),
                usize::MAX,
                without(up(0, N + 1), &[3, 4_000, 4_001, 4_998]),
                up(N, N + 1),
            ),
            ("late", up(0, N), usize::MAX, inserted(up(0, N + 1), 300, N + 7), vec![N + 7, N]),
            ("behind", up(0, N), usize::MAX, up(0, 9), vec![]),
            ("empty", up(0, N), usize::MAX, vec![], vec![]),
        ];
        for (name, before, most, after, new) in cases {
            let mut delivered = Delivered::default();
            poll(&mut delivered, &list(before.clone()), most);
            let mut again = stored(&delivered);
            let found = poll(&mut again, &list(after.clone()), usize::MAX);
            assert!(found == list(new.clone()), "{name}: {} items are new", found.len());
            assert_eq!(poll(&mut again, &list(after.clone()), usize::MAX), [], "{name}: once more");
            // After a server that was behind, another restart and the list as it was.
            let last = if new.is_empty() { before } else { after };
            let found = poll(&mut stored(&again), &list(last), usize::MAX);
            assert!(found.is_empty(), "{name}: {} items come again", found.len());
        }
    }

    #[test]
    fn what_cannot_be_told_apart_comes_again_and_nothing_is_lost() {
        let mut delivered = Delivered::default();
        poll(&mut delivered, &list((0..20_000).map(|n| n * 2)), usize::MAX);
        let again = poll(&mut stored(&delivered), &list(0..40_000), usize::MAX);
        let again: HashSet<_> = again.into_iter().collect();
        let missing =
            list((0..20_000).map(|n| n * 2 + 1)).into_iter().filter(|it| !again.contains(it));
        assert_eq!(missing.take(3).count(), 0);
    }

    #[test]
    fn the_work_is_linear() {
        let work = |n: u32| {
            let all = list(0..n);
            COMPARISONS.with(|count| count.set(0));
            let mut delivered = Delivered::default();
            assert_eq!(poll(&mut delivered, &all, usize::MAX).len(), all.len());
            for _ in 0..3 {
                assert!(poll(&mut delivered, &all, usize::MAX).is_empty());
            }
            assert!(poll(&mut stored(&delivered), &all, usize::MAX).is_empty());
            COMPARISONS.with(Cell::get)
        };
        let (small, large) = (work(20_000), work(200_000));
        assert!(large < small * 12, "{small} comparisons become {large}");
        assert!(large < 200_000 * 40, "{large}");
    }
}
