//! Where a followed list stands: what has been delivered, so that nothing is lost or delivered twice.
//!
//! Vendors give the time of an item as the cursor. Two items may bear the same time, and one that a slower machine of the
//! vendor accepted may appear later with an earlier time. So each poll asks from a little before the newest item that was
//! delivered ([`OVERLAP`]), and the identities of the items in that stretch say which are new (`delivered`).

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::delivered::{Delivered, Identity};
use super::items::Item;
use super::value::scalar;
use crate::events::digest;
use crate::{FollowRule, Timestamp};

/// How far back each poll looks: longer than clocks of one vendor's machines differ.
pub(crate) const OVERLAP: Duration = Duration::from_secs(60);

/// Where a followed list stands, to be stored and resumed from. What is stored is small whatever the list, at most some 40
/// kilobytes: the time of the newest item, and what distinguishes delivered items from new ones. Cursors that earlier
/// versions stored are read.
///
/// ```
/// let stored = serde_json::to_string(&conversations::FollowCursor::default())?;
/// let cursor: conversations::FollowCursor = serde_json::from_str(&stored)?;
/// assert_eq!(cursor, conversations::FollowCursor::default());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct FollowCursor {
    /// Whether a poll has succeeded.
    begun: bool,
    /// Items before this moment are history that was not asked for, or were delivered long ago.
    floor: Option<At>,
    /// Whether items of the very moment of the floor are history, too.
    above_floor: bool,
    /// The cursor of the newest item delivered.
    newest: Option<At>,
    /// What has been delivered of late.
    delivered: Delivered,
}

/// A cursor as an item has it, and the moment that it names, if it does.
#[derive(Debug, Clone)]
struct At {
    value: Value,
    moment: Option<Timestamp>,
}

impl From<Value> for At {
    fn from(value: Value) -> Self {
        let moment = moment(&value);
        Self { value, moment }
    }
}

/// The moment of a cursor, if there is one.
fn moment_of(at: Option<&At>) -> Option<&Timestamp> {
    at?.moment.as_ref()
}

/// The stored form of a cursor.
#[derive(Debug, PartialEq, Default, Serialize, Deserialize)]
// Unknown data must not pass for a cursor: it would begin anew and deliver everything twice.
#[serde(default, deny_unknown_fields)]
struct Stored {
    begun: bool,
    floor: Option<Value>,
    above_floor: bool,
    newest: Option<Value>,
    #[serde(skip_serializing_if = "String::is_empty")]
    recent: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    times: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pieces: String,
    /// What earlier versions stored instead of the three above.
    #[serde(skip_serializing)]
    seen: Vec<Seen>,
}

/// An item that was delivered, as earlier versions stored it.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    id: String,
    #[serde(default)]
    at: Option<Value>,
}

impl Stored {
    fn of(cursor: &FollowCursor) -> Self {
        let FollowCursor { begun, floor, above_floor, newest, delivered } = cursor;
        let (recent, times, pieces) = delivered.pack();
        // In memory later items are known one by one, even beyond what is stored.
        let dropped = delivered.dropped().and_then(from_milliseconds).map(At::from);
        let raised = dropped.filter(|at| moment_of(floor.as_ref()) < at.moment.as_ref());
        let above_floor = *above_floor && raised.is_none();
        let [floor, newest] = [raised.as_ref().or(floor.as_ref()), newest.as_ref()]
            .map(|at| at.map(|at| at.value.clone()));
        let (begun, seen) = (*begun, Vec::new());
        Self { begun, floor, above_floor, newest, recent, times, pieces, seen }
    }
}

impl Serialize for FollowCursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored::of(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FollowCursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        let Stored { begun, floor, above_floor, newest, recent, times, pieces, seen } = stored;
        let delivered = Delivered::unpack(&recent, &times, &pieces);
        let mut delivered = delivered.ok_or_else(|| {
            serde::de::Error::custom("the stored cursor is damaged: it lists no delivered items")
        })?;
        for Seen { id, at } in seen {
            delivered.restore(Identity::of(&id), milliseconds(at.map(At::from).as_ref()));
        }
        let [floor, newest] = [floor, newest].map(|at| at.map(At::from));
        Ok(Self { begun, floor, above_floor, newest, delivered })
    }
}

impl PartialEq for FollowCursor {
    fn eq(&self, other: &Self) -> bool {
        Stored::of(self) == Stored::of(other)
    }
}

impl std::fmt::Debug for FollowCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { begun, floor, above_floor: _, newest, delivered: _ } = self;
        f.debug_struct("FollowCursor")
            .field("begun", begun)
            .field("floor", &floor.as_ref().map(|at| &at.value))
            .field("newest", &newest.as_ref().map(|at| &at.value))
            .finish_non_exhaustive()
    }
}

/// An item, as far as following is concerned.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) identity: Identity,
    at: Option<At>,
    /// Its place in the list that a poll has read.
    pub(crate) place: usize,
}

impl Mark {
    pub(crate) fn of(item: &Item, rule: &FollowRule) -> Self {
        let [id, at] = item.at([Some(rule.id), rule.cursor.map(|rule| rule.from)]);
        let id = id.as_ref().and_then(scalar).filter(|id| !id.is_empty());
        let id = id.unwrap_or_else(|| format!("#{}", digest(&item.value())));
        let at = at.filter(|at| !at.is_null()).map(At::from);
        Self { identity: Identity::of(&id), at, place: 0 }
    }

    /// Its moment, where it has one.
    pub(crate) fn moment(&self) -> Option<&Timestamp> {
        moment_of(self.at.as_ref())
    }
}

fn milliseconds(at: Option<&At>) -> Option<i64> {
    Some(moment_of(at)?.unix_milliseconds())
}

fn from_milliseconds(at: i64) -> Option<Value> {
    let at = Timestamp::from_unix_milliseconds(at).ok()?;
    // As text: a number so small that it could be seconds would be read as such.
    Some(Timestamp::from(at.to_system_time()).earlier(Duration::ZERO))
}

/// A cursor's moment; `None` for a cursor that is not a time.
pub(crate) fn moment(at: &Value) -> Option<Timestamp> {
    match at {
        // A bare word or a short number in quotes is a token, though it could be read as seconds.
        Value::String(text) if text.len() < 10 => None,
        Value::String(_) | Value::Number(_) => serde_json::from_value(at.clone()).ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

impl FollowCursor {
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Takes the first page: what lies before it, or before what was asked for, is history.
    pub(crate) fn begin<'m>(
        &mut self,
        asked_from: Option<(Value, bool)>,
        page: impl Iterator<Item = &'m Mark>,
    ) {
        self.begun = true;
        if let Some((from, inclusive)) = asked_from.filter(|(from, _)| moment(from).is_some()) {
            self.floor = Some(from.into());
            self.above_floor = !inclusive;
            return;
        }
        let mut page: Vec<_> = page.filter_map(Mark::moment).collect();
        page.sort();
        let (Some(oldest), Some(newest)) = (page.first(), page.last()) else { return };
        // What appears late, with a time before that of the first page, does not belong to the history.
        let late = newest.earlier(OVERLAP);
        let [late, oldest] = [late, oldest.earlier(Duration::ZERO)].map(At::from);
        self.floor = Some(if late.moment < oldest.moment { late } else { oldest });
        self.above_floor = false;
    }

    /// The moment of the newest item, but none to come: an item that was dated wrongly must not hide all that follow.
    fn newest(&self, now: &Timestamp) -> Option<Timestamp> {
        let newest = moment_of(self.newest.as_ref())?;
        if newest <= now {
            return Some(newest.clone());
        }
        let ahead = newest.unix_milliseconds() - now.unix_milliseconds();
        let ahead = Duration::from_millis(u64::try_from(ahead).unwrap_or(0));
        moment(&newest.earlier(ahead))
    }

    /// What the next poll asks from; `None` leaves the call as it is.
    pub(crate) fn position(&self, now: &Timestamp) -> Option<Value> {
        let Some(newest) = self.newest(now) else { return self.newest_value().cloned() };
        let back = At::from(newest.earlier(OVERLAP));
        match &self.floor {
            // Back to where the caller wanted to begin, and no further.
            Some(floor) if self.above_floor && floor.moment > back.moment => {
                Some(floor.value.clone())
            }
            Some(_) | None => Some(back.value),
        }
    }

    /// The cursor of the newest item delivered.
    pub(crate) fn newest_value(&self) -> Option<&Value> {
        self.newest.as_ref().map(|at| &at.value)
    }

    /// Whether an item is neither history nor delivered.
    pub(crate) fn is_new(&self, mark: &Mark) -> bool {
        let history = match (moment_of(self.floor.as_ref()), mark.moment()) {
            (Some(floor), Some(at)) => at < floor || (self.above_floor && at == floor),
            (None, _) | (_, None) => false,
        };
        !history && !self.delivered.knows(mark.identity)
    }

    /// Takes a page of a list that has no cursor, so that every poll reads it whole.
    pub(crate) fn arrange<'m>(&mut self, page: impl Iterator<Item = &'m Mark>) {
        let list: Vec<_> = page.map(|mark| mark.identity).collect();
        self.delivered.arrange(&list);
    }

    /// Notes that an item has been delivered.
    pub(crate) fn note(&mut self, mark: &Mark) {
        self.delivered.note(mark.identity, milliseconds(mark.at.as_ref()), mark.place);
        if let Some(at) = &mark.at {
            let later = match (moment_of(self.newest.as_ref()), &at.moment) {
                (Some(newest), Some(at)) => at >= newest,
                (None, _) | (_, None) => true,
            };
            if later {
                self.newest = Some(at.clone());
            }
        }
    }

    /// Drops identities that no poll should bring again: those well before the stretch that polls look back. A server that
    /// gives such items all the same has given them before.
    pub(crate) fn forget(&mut self, now: &Timestamp) {
        let Some(newest) = self.newest(now) else { return };
        let until = At::from(newest.earlier(2 * OVERLAP));
        let Some(at) = &until.moment else { return };
        self.delivered.forget(at.unix_milliseconds(), now.unix_milliseconds());
        if moment_of(self.floor.as_ref()).is_none_or(|floor| floor < at) {
            self.floor = Some(until);
            self.above_floor = false;
        }
    }

    /// Where the request after this page continues: its newest item, or the one before where several bear the same time,
    /// for the page may have been cut between them.
    pub(crate) fn boundary<'m>(&self, page: impl Iterator<Item = &'m Mark>) -> Option<Value> {
        let mut ats: Vec<_> = page.filter_map(|mark| mark.at.as_ref()).collect();
        if ats.iter().all(|at| at.moment.is_some()) {
            ats.sort_by(|one, other| one.moment.cmp(&other.moment));
        }
        let last = &ats.last()?.value;
        let earlier = ats.iter().rev().map(|at| &at.value).find(|at| *at != last);
        Some(earlier.unwrap_or(last).clone())
    }

    /// Whether a page reaches up to the newest item known; an empty page is the end.
    pub(crate) fn reached_by<'m>(
        &self,
        page: impl Iterator<Item = &'m Mark>,
        now: &Timestamp,
    ) -> bool {
        let Some(newest) = self.newest(now) else { return true };
        let newest_there = page.filter_map(Mark::moment).max();
        newest_there.is_none_or(|at| *at >= newest)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Identity, Item, Mark};
    use crate::FollowRule;

    /// It is stored: another version of Rust or of this crate must find the same.
    #[test]
    fn an_item_without_an_id_is_known_by_a_digest_of_its_content() {
        let rule = FollowRule::new("/items", "/id", 5);
        let mark = Mark::of(&Item::of(0, &json!({"text": "a", "n": 1})), &rule);
        let digest = "d1ee7f16049f449264332de60746ec649a593e71b213a2b2e8b73ced8228e586";
        assert_eq!(mark.identity, Identity::of(&format!("#{digest}")));
    }
}
