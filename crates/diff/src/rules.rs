//! Which rules there are and how much each matters: one table, so that judging is data.
//!
//! `rules/common.txt` holds the ids that oasdiff defines too, at its default levels; `rules/own.txt`
//! holds ours. A finding names a change by building an id from the place and the kind of the change;
//! an id that stands in neither file is not a rule, and the change goes unreported.
//!
//! Where we judge otherwise than oasdiff (revision 4553c69), and why. "Narrower" and "wider" are said
//! of the values that are allowed; a client sends requests and receives answers, so a request that is
//! narrower and an answer that is wider break it.
//!
//! | What changes | oasdiff | Here |
//! |---|---|---|
//! | `additionalProperties` true or absent, to false or a schema | nothing | narrower: error in a request, note in an answer; wider in an answer only warns, since our clients ignore unknown fields |
//! | `multipleOf`, `uniqueItems`, `maxItems`, `minProperties`, `maxProperties` | nothing, but `maxItems` of parameters | error where it breaks |
//! | `not` comes to a request, or goes from an answer | nothing | error |
//! | a limit goes from an answer | only lengths and counts of items | warning for the others |
//! | keywords inside of a parameter's `items`, `properties` or alternatives | types and enums | as for the properties of a body |
//! | how a parameter is written: style, explode, allowReserved, schema or content | nothing | error where a value looks different on the wire |
//! | an API key's name or place, an HTTP scheme, an OAuth flow that goes | nothing | error |
//! | scopes and addresses of OAuth flows | implicit flow | every flow |
//! | clients must prove who they are and needed not | a note about the scheme | error where it was optional in so many words, else a warning |
//! | servers | nothing | error where one goes, warning where another becomes the first |
//! | a callback or the `default` response goes | nothing | warning; error where `default` was all that described success |
//! | a request's media type changes within `+json` | nothing | error |
//! | `allOf` around a single schema comes or goes | several errors | what stands beside it, as for a reference |
//! | a part of an object is extracted into `allOf`, or taken back in | errors | nothing where it says the same, else what did change |
//! | parameters move between a path and its operations | removed and added | nothing |
//! | a parameter that stands at the path changes | nothing | as at the operation |
//! | 200 becomes 2XX | removed and added | compared with each other |
//! | the servers' path moves into the paths | removed and added | compared with each other |
//! | a schema of several places changes | once for each way to it | once for each operation and place |
//!
//! Where we follow it although one could argue: a request's enum that vanishes altogether counts as
//! the removal of its values, since a client loses the names that it was built with; and an
//! alternative that is referred to by another name is another alternative, even if both say the same.
//! Its rules that need a policy (`…-sunset-missing`, `api-version-…`) stand in the table, and nothing
//! triggers them.

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
