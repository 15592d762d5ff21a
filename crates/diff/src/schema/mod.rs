//! What two schemas that stand in the same place differ in, judged by where that place is.
//!
//! This file walks the graph of pairs and says what place a pair has; the files beside it hold the
//! rules: `types`, `bounds`, `values`, `parts` (compositions and sub-schemas), `properties`,
//! `lifecycle`.

mod bounds;
mod lifecycle;
mod parts;
mod properties;
mod types;
mod values;

use crate::findings::{Cause, Findings, Owner, Said, Sort, Way, What};
use crate::graph::{Graph, Pair};
use crate::level::Level;
use crate::rules::{Effect, Kind, Rule, Scope, Subject};
use crate::types::Step;
use serde_json::Value;
use std::collections::BTreeSet;

/// Where in an operation a schema stands. It decides the direction: what a client sends may not be
/// narrowed, what it receives may not be widened.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'p> {
    /// The body that a client sends, in one media type; with a status where it answers an event.
    Request { media: &'p str, reply: Option<&'p str> },
    /// The body that a client receives, in one media type; without a status where it is an event's.
    Response { status: Option<&'p str>, media: &'p str },
    /// A parameter, with the media type that it is written in, if it has one; with a status where it is a header of
    /// the reply to an event.
    Parameter {
        location: &'p str,
        name: &'p str,
        required: bool,
        exploded: bool,
        media: Option<&'p str>,
        reply: Option<&'p str>,
    },
    /// A header that a client receives, with the media type that it is written in, if it has one.
    Header { status: Option<&'p str>, name: &'p str, media: Option<&'p str> },
}

impl Place<'_> {
    /// Whether a client sends what stands here.
    pub(crate) fn is_request(&self) -> bool {
        matches!(self, Place::Request { .. } | Place::Parameter { .. })
    }

    /// The same place with sender and receiver changed.
    fn reversed(&self) -> Self {
        match *self {
            Place::Request { media, reply: status } => Place::Response { status, media },
            Place::Response { status, media } => Place::Request { media, reply: status },
            Place::Parameter { media, .. } => {
                Place::Response { status: None, media: media.unwrap_or("text/plain") }
            }
            Place::Header { media, .. } => {
                Place::Request { media: media.unwrap_or("text/plain"), reply: None }
            }
        }
    }

    /// What the rules ask of a place: what they find is the same for all places of a sort.
    fn sort(&self, notice: u16) -> Sort {
        let (required, exploded, header) = match *self {
            Place::Parameter { location, required, exploded, .. } => {
                (required, exploded, location == "header")
            }
            _ => (false, false, false),
        };
        Sort {
            scope: self.scope(true),
            strict: self.is_strict(),
            required,
            exploded,
            header,
            notice,
            safe: false,
            partial: false,
        }
    }

    /// Whether `1` and `"1"` are different things here, as in JSON but not in a header.
    fn is_strict(&self) -> bool {
        let media = match *self {
            Place::Request { media, .. } | Place::Response { media, .. } => Some(media),
            Place::Parameter { media, .. } | Place::Header { media, .. } => media,
        };
        // Also `application/jsonl` and `application/json-seq`, whose items are JSON.
        let named = |it: &str| it.split(';').next().is_some_and(|it| it.contains("json"));
        media.is_some_and(|it| named(&it.to_ascii_lowercase()))
    }

    fn scope(&self, root: bool) -> Scope {
        match (self, root) {
            (Place::Request { .. }, true) => Scope::RequestBody,
            (Place::Request { .. }, false) => Scope::RequestProperty,
            (Place::Response { .. }, true) => Scope::ResponseBody,
            (Place::Response { .. }, false) => Scope::ResponseProperty,
            (Place::Parameter { .. }, true) => Scope::RequestParameter,
            (Place::Parameter { .. }, false) => Scope::RequestParameterProperty,
            (Place::Header { .. }, true) => Scope::ResponseHeader,
            (Place::Header { .. }, false) => Scope::ResponseHeaderProperty,
        }
    }

    /// The place in words.
    pub(crate) fn say(&self) -> String {
        match self {
            Place::Request { reply: None, .. } => "the request body".to_owned(),
            Place::Request { reply: Some(status), .. } => format!("the body of the reply {status}"),
            Place::Response { status: Some(status), .. } => {
                format!("the body of response {status}")
            }
            Place::Response { status: None, .. } => "the payload".to_owned(),
            Place::Parameter { name, reply: Some(status), .. } => {
                format!("the header `{name}` of the reply {status}")
            }
            Place::Parameter { location, name, .. } => format!("the {location} parameter `{name}`"),
            Place::Header { status: Some(status), name, .. } => {
                format!("the header `{name}` of response {status}")
            }
            Place::Header { status: None, name, .. } => {
                format!("the parameter `{name}` of the event")
            }
        }
    }
}

/// One pair as one place sees it.
struct Visit<'v, 'a> {
    graph: &'v Graph<'a>,
    pair: &'v Pair<'a>,
    /// The pair above, where this one is a property of it.
    holder: Option<(&'v Pair<'a>, &'v str)>,
    /// The pair above, where this one is an alternative of it.
    around: Option<&'v Pair<'a>>,
    /// Whether it is a part of a whole that is compared as it is written. Its discriminator is then the whole's, and does
    /// not lead to what else extends the part.
    part: bool,
    /// Where this stands, for what is allowed there: inside of `not`, who sends and who receives change
    /// places.
    place: &'v Place<'v>,
    /// Where this stands, for what is said.
    shown: &'v Place<'v>,
    root: bool,
    /// Whether it is asked for only where a condition holds, or refused.
    partial: bool,
    /// Whether the schemas as wholes, here or above, allow what they must.
    safe: bool,
}

impl<'a> Visit<'_, 'a> {
    fn scope(&self) -> Scope {
        self.place.scope(self.root)
    }

    fn is_request(&self) -> bool {
        self.place.is_request()
    }

    /// Whether this is part of a request that clients never send.
    fn is_read_only(&self) -> bool {
        self.is_request() && !self.root && self.pair.revision.flag("readOnly")
    }

    /// Whether this is part of a response that servers never send.
    fn is_write_only(&self) -> bool {
        !self.is_request() && !self.root && self.pair.revision.flag("writeOnly")
    }

    /// Adds the finding that `kind` happened here, caused by the keyword `key`.
    fn add(&self, findings: &mut Findings<'_>, kind: Kind, key: &str, what: impl Into<What>) {
        self.add_as(findings, Rule::At(self.scope(), kind), key, what);
    }

    /// Adds the finding for something that narrows what may be sent: limits and types of a property
    /// that clients never send have rules of their own. Other keywords are judged as everywhere,
    /// since clients do send back what they have read.
    fn add_narrowing(
        &self,
        findings: &mut Findings<'_>,
        kind: Kind,
        key: &str,
        what: impl Into<What>,
    ) {
        let scope = if self.is_read_only() { Scope::RequestReadOnlyProperty } else { self.scope() };
        self.add_as(findings, Rule::At(scope, kind), key, what);
    }

    fn add_as(&self, findings: &mut Findings<'_>, rule: Rule, key: &str, what: impl Into<What>) {
        let (base, revision) = (&self.pair.base, &self.pair.revision);
        let cause = Cause::both(base.pointer(key), revision.pointer(key));
        let plain = |it: &&Value| !it.is_object() && !it.is_array();
        let what = what.into().or(base.get(key).filter(plain), revision.get(key).filter(plain));
        self.add_property(findings, rule, cause, what);
    }

    /// Adds a finding about a property of this schema.
    fn add_property(
        &self,
        findings: &mut Findings<'_>,
        rule: Rule,
        cause: Cause,
        what: impl Into<What>,
    ) {
        let shown = self.shown;
        let rule = match self.place.is_request() == shown.is_request() {
            true => rule,
            false => Rule::At(shown.scope(false), refused(shown.is_request(), rule)),
        };
        findings.said.push(Said { rule, cause, what: what.into() });
    }

    fn base_property(&self, name: &str) -> Option<crate::view::Schema<'a>> {
        self.pair.base.property(name).map(|it| self.graph.base.schema(it))
    }

    fn revision_property(&self, name: &str) -> Option<crate::view::Schema<'a>> {
        self.pair.revision.property(name).map(|it| self.graph.revision.schema(it))
    }
}

/// What a change inside of `not` does, from its rule where sender and receiver change places. What an answer usually
/// may hold besides is refused all the same.
fn refused(request: bool, rule: Rule) -> Kind {
    // Neither of two patterns is known to match what the other one does.
    if matches!(rule, Rule::At(_, Kind::PatternChanged)) {
        return Kind::NotChanged;
    }
    match (rule.level(), rule.effect(), request) {
        (Level::Warning, effect, _) if effect != Effect::MayWiden => Kind::NotChanged,
        (Level::Error | Level::Warning, _, true) | (Level::Info, _, false) => Kind::NotWidened,
        (Level::Error | Level::Warning, _, false) | (Level::Info, _, true) => Kind::NotNarrowed,
    }
}

/// One pair on the way from the root, the step by which it was reached from another, whether it says what is refused, and
/// whether the way there has no property.
struct Visited {
    pair: usize,
    way: Way,
    from: Option<(usize, usize)>,
    negated: bool,
    at_root: bool,
    /// Whether a pair on the way allows what it must.
    safe: bool,
    /// Whether the way leads to what is asked for only where a condition holds, or to what is refused.
    partial: bool,
}

/// Judges the pair `root` and everything below it. Pairs are visited breadth first and once (once more
/// where they say what is refused), so that the shortest way names a property and a recursive schema ends.
pub(crate) fn judge(
    graph: &Graph<'_>,
    root: usize,
    place: &Place<'_>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    if !graph.pairs.get(root).is_some_and(|it| it.changed) {
        return;
    }
    let way = findings.numbers.way(&place.say());
    let (pair, from) = (root, None);
    let (negated, safe, partial) = (false, false, false);
    let mut reached = vec![Visited { pair, way, from, negated, at_root: true, safe, partial }];
    let mut seen = BTreeSet::from([(pair, negated, safe, partial)]);
    let (reversed, sort) = (place.reversed(), place.sort(findings.notice));
    let numbers = findings.owner(owner);
    let mut next = 0;
    while let Some(&Visited { pair: id, way, from, negated, at_root, safe, partial }) =
        reached.get(next)
    {
        let Some(pair) = graph.pairs.get(id) else { break };
        let above = from.and_then(|(above, at)| Some((reached.get(above)?.pair, at)));
        let above_by = above.and_then(|(above, at)| {
            let pair = graph.pairs.get(above)?;
            Some((pair, &pair.below.get(at)?.0))
        });
        // What a condition asks for and what is refused is a part of the schema around it, which is asked as a whole. So is an
        // alternative that describes one more property which stands beside it.
        let limits = above_by.is_some_and(|(above, step)| {
            step.is_alternative() && pair.gains_property_of(&above.base)
        });
        let safe =
            safe || !partial && !limits && graph.is_safe(pair, place.is_request() != negated);
        let part = !graph.form.is_canonical() && above_by.is_some_and(|it| it.1.is_part());
        for (at, (step, below)) in pair.below.iter().enumerate() {
            let negated = negated != step.negates();
            let partial = partial || step.is_partial();
            if graph.pairs.get(*below).is_some_and(|it| it.changed)
                && !(part && step.is_child())
                && seen.insert((*below, negated, safe, partial))
            {
                let at_root = at_root && step.stays_at_root();
                let (pair, way) = (*below, findings.numbers.below(way, step));
                let from = Some((next, at));
                reached.push(Visited { pair, way, from, negated, at_root, safe, partial });
            }
        }
        if pair.differs {
            let (holder, around) = match above_by {
                Some((pair, Step::Property(name))) => (Some((pair, name.as_ref())), None),
                Some((pair, step)) if step.is_alternative() => (None, Some(pair)),
                _ => (None, None),
            };
            let sort = Sort { safe, partial, ..sort };
            let key = (
                id,
                above.filter(|_| holder.is_some() || around.is_some() || part),
                next == 0,
                negated,
                sort,
            );
            if !findings.known.contains_key(&key) {
                let shown = place;
                let place = if negated { &reversed } else { place };
                let root = next == 0;
                let visit =
                    Visit { graph, pair, holder, around, part, place, shown, root, partial, safe };
                rules(&visit, findings);
                if safe {
                    without_breaks(&visit, findings);
                }
                findings.learn(key);
            }
            findings.report(&key, owner, numbers, at_root, way);
        }
        next += 1;
    }
}

fn rules(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    lifecycle::judge(visit, findings);
    if types::judge_wrapping(visit, findings) {
        return;
    }
    if visit.pair.alternatives_only {
        types::judge_nullability(visit, findings);
        return parts::only_alternatives(visit, findings);
    }
    let listed = types::judge(visit, findings);
    bounds::judge(visit, findings);
    values::judge(visit, findings);
    parts::judge(visit, listed, findings);
    properties::judge(visit, findings);
}

/// Takes out what the rules on single keywords suppose to break something, where the schemas as wholes show
/// that it does not.
fn without_breaks(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    let listed = visit.pair.alternatives_only || parts::lists_alternatives(visit) == (true, true);
    // Where each has another one in its place, and the whole allows the same, none is given up.
    let listed = listed && !parts::are_all_replaced(visit);
    let limits = |rule: Rule| match (rule, rule.level()) {
        // Who lists an alternative means it, even if another one allows the same for now.
        (
            Rule::At(
                _,
                Kind::OneOfAdded | Kind::OneOfRemoved | Kind::AnyOfRemoved | Kind::WrappedInAnyOf,
            ),
            _,
        ) if listed => false,
        (Rule::At(_, Kind::AllOfRemoved | Kind::XExtensibleEnumValueRemoved), _) => false,
        (Rule::At(_, kind), Level::Error | Level::Warning) => {
            !matches!(kind.subject(), Subject::Lifecycle | Subject::Default)
        }
        (rule, Level::Error) => rule.subject() == Subject::Property,
        _ => false,
    };
    let count = findings.said.len();
    findings.said.retain(|it| !limits(it.rule));
    if findings.said.len() == count {
        return;
    }
    let (kind, what) = match visit.shown.is_request() {
        true => (Kind::AllowsAllOfBefore, "changed; every value that was accepted still is"),
        false => (Kind::AllowedAllBefore, "changed; every value of now was possible before"),
    };
    let rule = Rule::At(visit.shown.scope(visit.root), kind);
    let cause = Cause::both(visit.pair.base.pointer(""), visit.pair.revision.pointer(""));
    findings.said.push(Said { rule, cause, what: what.into() });
}

/// A value as it is shown in a sentence.
fn show(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((cut, _)) => format!("`{}…`", &text[..cut]),
        None => format!("`{text}`"),
    }
}
