//! Which rules there are and how much each matters: one table, so that judging is data.
//!
//! `rules/common.txt` holds the ids that oasdiff defines too, at its default levels; `rules/own.txt`
//! holds ours. A finding names a change by building an id from the place and the kind of the change;
//! an id that stands in neither file is not a rule, and the change goes unreported.
//!
//! `docs/rules.md` says where the verdict differs from oasdiff's, and why.

use crate::types::Level;
use std::{collections::BTreeMap, sync::LazyLock};

static RULES: LazyLock<BTreeMap<&'static str, Level>> = LazyLock::new(|| {
    let mut rules = BTreeMap::new();
    for text in [include_str!("rules/own.txt"), include_str!("rules/common.txt")] {
        rules.extend(parse(text));
    }
    rules
});

/// The level of the rule `id`, or `None` where there is no such rule.
pub(crate) fn level(id: &str) -> Option<(&'static str, Level)> {
    RULES.get_key_value(id).map(|(id, level)| (*id, *level))
}

/// The ids of a table with their levels.
fn parse(text: &'static str) -> impl Iterator<Item = (&'static str, Level)> {
    let mut level = Level::Info;
    text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).filter_map(
        move |word| {
            level = match word {
                "[error]" => Level::Error,
                "[warning]" => Level::Warning,
                "[info]" => Level::Info,
                id => return Some((id, level)),
            };
            None
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rule_stands_in_both_tables() {
        let common: BTreeMap<_, _> = parse(include_str!("rules/common.txt")).collect();
        let twice: Vec<_> = parse(include_str!("rules/own.txt"))
            .filter(|(id, _)| common.contains_key(id))
            .map(|(id, _)| id)
            .collect();
        assert!(twice.is_empty(), "own rules that the common table has too: {twice:?}");
        assert_eq!(common.len(), 509);
    }

    #[test]
    fn levels_are_those_of_the_table() {
        assert_eq!(level("webhook-removed"), Some(("webhook-removed", Level::Error)));
        assert_eq!(level("request-parameter-max-set").map(|it| it.1), Some(Level::Warning));
        assert_eq!(level("no-such-rule"), None);
    }
}
