//! Where a followed list stands: what has been delivered, so that nothing is lost or delivered twice.
//!
//! Vendors give the time of an item as the cursor. Two items may bear the same time, and one that a slower machine of the
//! vendor accepted may appear later with an earlier time. So each poll asks from a little before the newest item that was
//! delivered ([`OVERLAP`]), and the identities of the items in that stretch tell which are new.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::items::fingerprint;
use super::value::scalar;
use crate::{FollowRule, Timestamp};

/// How far back each poll looks: longer than clocks of one vendor's machines differ.
pub(crate) const OVERLAP: Duration = Duration::from_secs(60);

/// The identities kept where cursors are no times, and in all at most.
const MOST_SEEN: usize = 10_000;

/// Where a followed list stands, to be stored and resumed from. It is small: the identities of the items of the last
/// minute, and the time of the newest.
///
/// ```
/// let stored = serde_json::to_string(&conversations::FollowCursor::default())?;
/// let cursor: conversations::FollowCursor = serde_json::from_str(&stored)?;
/// assert_eq!(cursor, conversations::FollowCursor::default());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
// What is no cursor must not pass for one: it would begin anew and deliver everything twice.
#[serde(default, deny_unknown_fields)]
pub struct FollowCursor {
    /// Whether a poll has succeeded.
    begun: bool,
    /// Items before this moment are history that was not asked for.
    floor: Option<Value>,
    /// Whether items of the very moment of the floor are history, too.
    above_floor: bool,
    /// The cursor of the newest item delivered.
    newest: Option<Value>,
    /// What has been delivered of late.
    seen: Vec<Mark>,
}

/// An item, as far as following is concerned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mark {
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Value>,
}

impl Mark {
    pub(crate) fn of(item: &Value, rule: &FollowRule) -> Self {
        let id = item.pointer(rule.id).and_then(scalar).filter(|id| !id.is_empty());
        let id = id.unwrap_or_else(|| format!("#{:x}", fingerprint(item)));
        let at = rule.cursor.and_then(|rule| item.pointer(rule.from)).filter(|at| !at.is_null());
        Self { id, at: at.cloned() }
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// A cursor's moment; `None` for a cursor that is no time.
fn moment(at: &Value) -> Option<Timestamp> {
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
            self.floor = Some(from);
            self.above_floor = !inclusive;
            return;
        }
        let mut page: Vec<_> = page.filter_map(|mark| moment(mark.at.as_ref()?)).collect();
        page.sort();
        let (Some(oldest), Some(newest)) = (page.first(), page.last()) else { return };
        // What appears late, with a time before that of the first page, is no history.
        let late = newest.earlier(OVERLAP);
        let oldest = oldest.earlier(Duration::ZERO);
        self.floor = Some(if moment(&late) < moment(&oldest) { late } else { oldest });
        self.above_floor = false;
    }

    /// The moment of the newest item, but none to come: an item that was dated wrongly must not hide all that follow.
    fn newest(&self, now: &Timestamp) -> Option<Timestamp> {
        let newest = moment(self.newest.as_ref()?)?;
        if newest <= *now {
            return Some(newest);
        }
        let ahead = newest.unix_milliseconds() - now.unix_milliseconds();
        let ahead = Duration::from_millis(u64::try_from(ahead).unwrap_or(0));
        moment(&newest.earlier(ahead))
    }

    /// What the next poll asks from; `None` leaves the call as it is.
    pub(crate) fn position(&self, now: &Timestamp) -> Option<Value> {
        let Some(newest) = self.newest(now) else { return self.newest.clone() };
        let back = newest.earlier(OVERLAP);
        match &self.floor {
            // Back to where the caller wanted to begin, and no further.
            Some(floor) if self.above_floor && moment(floor) > moment(&back) => Some(floor.clone()),
            Some(_) | None => Some(back),
        }
    }

    /// The cursor of the newest item delivered.
    pub(crate) fn newest_value(&self) -> Option<&Value> {
        self.newest.as_ref()
    }

    /// Whether an item is neither history nor delivered.
    pub(crate) fn is_new(&self, mark: &Mark) -> bool {
        let history = match (&self.floor, &mark.at) {
            (Some(floor), Some(at)) => match (moment(floor), moment(at)) {
                (Some(floor), Some(at)) => at < floor || (self.above_floor && at == floor),
                (None, _) | (_, None) => false,
            },
            (None, _) | (_, None) => false,
        };
        !history && !self.seen.iter().any(|seen| seen.same(mark))
    }

    /// Notes that an item has been delivered.
    pub(crate) fn note(&mut self, mark: &Mark) {
        self.seen.push(mark.clone());
        if let Some(at) = &mark.at {
            let later = match (self.newest.as_ref().and_then(moment), moment(at)) {
                (Some(newest), Some(at)) => at >= newest,
                (None, _) | (_, None) => true,
            };
            if later {
                self.newest = Some(at.clone());
            }
        }
    }

    /// Drops identities that no poll can bring again: those well before the stretch that polls look back.
    pub(crate) fn forget(&mut self, now: &Timestamp) {
        if let Some(newest) = self.newest(now) {
            let until = moment(&newest.earlier(2 * OVERLAP));
            self.seen.retain(|mark| {
                let at = mark.at.as_ref().and_then(moment);
                at.is_none() || at >= until
            });
        }
        if self.seen.len() > MOST_SEEN {
            self.seen.drain(..self.seen.len() - MOST_SEEN);
        }
    }

    /// Where the request after this page continues: its newest item, or the one before where several bear the same time,
    /// for the page may have been cut between them.
    pub(crate) fn boundary<'m>(&self, page: impl Iterator<Item = &'m Mark>) -> Option<Value> {
        let mut ats: Vec<_> = page.filter_map(|mark| mark.at.clone()).collect();
        if ats.iter().all(|at| moment(at).is_some()) {
            ats.sort_by_key(moment);
        }
        let last = ats.last()?.clone();
        let earlier = ats.iter().rev().find(|at| **at != last).cloned();
        Some(earlier.unwrap_or(last))
    }

    /// Whether a page reaches up to the newest item known; an empty page is the end.
    pub(crate) fn reached_by<'m>(
        &self,
        page: impl Iterator<Item = &'m Mark>,
        now: &Timestamp,
    ) -> bool {
        let Some(newest) = self.newest(now) else { return true };
        let page: Vec<_> = page.filter_map(|mark| mark.at.as_ref().and_then(moment)).collect();
        page.is_empty() || page.iter().any(|at| *at >= newest)
    }
}
