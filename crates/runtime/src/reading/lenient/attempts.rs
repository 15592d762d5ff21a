//! The tries to read a part: one where it may be left out, one per alternative where it is a union.

use serde::de::{DeserializeSeed, SeqAccess};

use super::{Failure, Liberties, Part};

/// One part that may be left out. A failure leaves no trace but the note of it; `null` is as good as absent and not worth one.
pub(super) struct Once<'de, 'r>(pub(super) Part<'de, 'r>);

impl<'de> SeqAccess<'de> for Once<'de, '_> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failure> {
        let Part { value, path, reading } = self.0;
        let (count, liberties) = (reading.count(), reading.liberties.get());
        seed.deserialize(self.0).map(Some).inspect_err(|failure| {
            reading.forget_from(count);
            reading.liberties.set(liberties);
            reading.left_out();
            if !value.is_null() {
                reading.skip(path, &failure.steps, &failure.what);
            }
        })
    }
}

/// One part, as it is and then once per alternative. What an attempt reads is given where it takes fewer liberties than all
/// before it, and the notes are those of the best.
pub(super) struct Attempts<'de, 'r> {
    part: Part<'de, 'r>,
    /// What was noted, and the liberties taken, before the first.
    count: usize,
    liberties: Liberties,
    was_asked: bool,
    best: Option<Liberties>,
    /// Whether an attempt failed that could have been expected to succeed.
    disappoints: bool,
}

impl<'de, 'r> Attempts<'de, 'r> {
    pub(super) fn of(part: Part<'de, 'r>) -> Self {
        let (count, liberties) = (part.reading.count(), part.reading.liberties.get());
        Self { part, count, liberties, was_asked: false, best: None, disappoints: false }
    }

    /// A value that seems to be one of the alternatives and cannot be read as it is left out of the typed world.
    pub(super) fn conclude(self) {
        if self.best.is_none() && self.disappoints {
            self.part.reading.left_out();
        }
    }
}

impl<'de> SeqAccess<'de> for Attempts<'de, '_> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failure> {
        let reading = self.part.reading;
        if !std::mem::replace(&mut self.was_asked, true) {
            return seed.deserialize(self.part).map(Some);
        }
        if self.best == Some(self.liberties) {
            return Ok(None);
        }
        let Some(left) = reading.attempts.get().checked_sub(1) else {
            self.disappoints = true;
            return Ok(None);
        };
        let before = reading.count();
        reading.liberties.set(self.liberties);
        let read = seed.deserialize(self.part);
        let taken = reading.liberties.get();
        if read.is_err() || taken != self.liberties {
            reading.attempts.set(reading.attempts.get().min(left));
        }
        if read.is_ok() && self.best.is_none_or(|best| taken < best) {
            self.best = Some(taken);
            reading.forget(self.count..before);
            return read.map(Some);
        }
        reading.forget_from(before);
        reading.liberties.set(self.best.unwrap_or(self.liberties));
        self.disappoints |= read.as_ref().is_err_and(|failure| !failure.expected);
        read.map(|_| None)
    }
}
