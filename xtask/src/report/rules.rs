//! `cargo xtask diff --rules`: all rules with what their levels follow from, as Markdown.

use conversations_diff::{Direction, Effect, Kind, Level, Rule, Scope};
use std::fmt::{Debug, Write as _};

/// The page of all rules, with what their levels follow from.
pub fn rules() -> String {
    let mut out = "The level follows from the direction and the effect; `exception` where oasdiff's level is another one.\n\n\
        | direction | narrows | may narrow | widens | may widen | breaks | may break | nothing |\n\
        |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for direction in Direction::ALL {
        let _ = write!(out, "| {} |", words(direction));
        for effect in Effect::ALL {
            let _ = write!(out, " {} |", effect.level(*direction).name());
        }
        out.push('\n');
    }
    out.push_str(
        "\nA rule about a schema is a place and what happened there: `request-body` and `max-length-set` are \
         `request-body-max-length-set`.\nE: error, W: warning, i: info, star: oasdiff has no rule of this id, exclamation mark: exception.\n\n\
         | what happened | effect | about |",
    );
    for scope in Scope::ALL {
        let _ = write!(out, " {} |", scope.name());
    }
    out.push_str("\n|---|---|---|");
    out.push_str(&"---|".repeat(Scope::ALL.len()));
    for kind in Kind::ALL {
        let (effect, subject) = (words(&kind.effect()), words(&kind.subject()));
        let _ = write!(out, "\n| `{}` | {effect} | {subject} |", kind.id());
        for scope in Scope::ALL {
            let level = match kind.scopes().contains(scope) {
                true => mark(Rule::At(*scope, *kind)),
                false => String::new(),
            };
            let _ = write!(out, " {level} |");
        }
    }
    out.push_str("\n\nAll others:\n\n| rule | level | direction | effect | about | oasdiff's |\n|---|---|---|---|---|---|\n");
    for rule in Rule::all().filter(|it| !matches!(it, Rule::At(..))) {
        let _ = writeln!(
            out,
            "| `{rule}` | {} | {} | {} | {} | {} |",
            rule.level().name(),
            words(&rule.direction()),
            words(&rule.effect()),
            words(&rule.subject()),
            if rule.is_reference() { "yes" } else { "no" },
        );
    }
    out
}

fn mark(rule: Rule) -> String {
    let level = match rule.level() {
        Level::Error => "E",
        Level::Warning => "W",
        Level::Info => "i",
    };
    let own = if rule.is_reference() { "" } else { "\\*" };
    let exception = if rule.exception().is_some() { "!" } else { "" };
    format!("{level}{own}{exception}")
}

/// The name of a variant in words: `MayNarrow` is "may narrow".
fn words(of: &dyn Debug) -> String {
    let mut out = String::new();
    for letter in format!("{of:?}").chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.extend(letter.to_lowercase());
    }
    out
}
