//! A surface as people read it: signatures, differences, and the page for reviewers.

use super::{Argument, Difference, Form, Item, Kind, Surface, Travels, Type};
use std::fmt::{self, Display, Write as _};

impl Surface {
    /// The surface as a page to read.
    pub fn page(&self) -> String {
        let mut out = format!("# {}\n\n## Client\n\n", self.provider);
        for item in self.items.values() {
            if let Kind::Setting { name, takes } = &item.kind {
                let _ = writeln!(out, "builder.{name}({takes})");
            }
        }
        let _ = writeln!(out, "\n## Operations ({})", self.operations.len());
        for (method, operation) in &self.operations {
            let _ = write!(out, "\n{method}    {} {}", operation.verb, operation.path);
            if let Some(name) = &operation.sdk_name {
                let _ = write!(out, "    sdk: {name}");
            }
            out.push('\n');
            for (setter, argument) in &operation.setters {
                let _ = writeln!(out, "    .{setter}({argument})");
            }
            let _ = writeln!(out, "    .send() -> {}", operation.answer);
            for (name, returns) in &operation.more {
                let _ = writeln!(out, "    .{name}() -> {returns}");
            }
            if !operation.behaviours.is_empty() {
                let _ = writeln!(out, "    {}", operation.behaviours.join("; "));
            }
        }
        let titles = ["Values of server variables", "Error codes", "Events", "Headers of answers"];
        let mut titles = titles.map(|it| format!("\n## {it}\n\n"));
        for item in self.items.values() {
            let (title, name, is) = match &item.kind {
                Kind::ServerValue { owner, name, .. } => (0, format!("{owner}::{name}"), " ="),
                Kind::ErrorCode { name, .. } => (1, name.clone(), " ="),
                Kind::Event { name, .. } => (2, name.clone(), ":"),
                Kind::Receiver { name, .. } => (2, (*name).to_owned(), ":"),
                Kind::Header { name, .. } => (3, name.clone(), ":"),
                _ => continue,
            };
            out.push_str(&std::mem::take(&mut titles[title]));
            let _ = writeln!(out, "{name}{is} {item}");
        }
        let mut types: Vec<(Vec<String>, &Item)> = Vec::new();
        for item in self.items.values() {
            if matches!(
                item.kind,
                Kind::Answer { .. }
                    | Kind::AnswerCase { .. }
                    | Kind::Type { .. }
                    | Kind::Field { .. }
                    | Kind::Word { .. }
                    | Kind::Alternative { .. }
            ) {
                types.push((item.steps(), item));
            }
        }
        if !types.is_empty() {
            out.push_str("\n## Types\n");
        }
        // By its steps, so that `Error2` does not come between `Error` and what is in it.
        types.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (steps, item) in types {
            let own = steps.last().map(String::as_str).unwrap_or_default();
            let _ = match item.kind {
                Kind::Answer { .. } | Kind::Type { .. } => writeln!(out, "\n{item} {own}"),
                _ => writeln!(out, "    {own}: {item}"),
            };
            if let Kind::Type { name, .. } = &item.kind
                && let Some(arguments) = self.constructors.get(name)
            {
                let arguments: Vec<String> =
                    arguments.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
                let _ = writeln!(out, "    new({})", arguments.join(", "));
            }
        }
        out
    }
}

impl Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Setting { takes, .. } => write!(f, "fn({takes})"),
            Kind::Method { builder, .. } => write!(f, "fn() -> builder::{builder}"),
            Kind::Setter { argument, .. } => write!(f, "fn({argument})"),
            Kind::Call { returns, .. } => write!(f, "fn() -> {returns}"),
            Kind::Answer { .. } => f.write_str("enum"),
            Kind::ErrorCode { code, .. } => f.write_str(code),
            Kind::Header { ty, wire, .. } | Kind::Field { ty, wire: Some(wire), .. } => {
                write!(f, "{ty} as {wire:?}")
            }
            Kind::Event { ty, word, .. } => write!(f, "{ty} as {word:?}"),
            Kind::Receiver { takes, returns, .. } => write!(f, "fn({takes}) -> {returns}"),
            Kind::Type { form, .. } => f.write_str(match form {
                Form::Struct => "struct",
                Form::Enum => "enum, open",
                Form::Union => "union, open",
            }),
            Kind::Word { word, .. } | Kind::ServerValue { word, .. } => write!(f, "{word:?}"),
            Kind::AnswerCase { ty, .. } | Kind::Field { ty, .. } | Kind::Alternative { ty, .. } => {
                write!(f, "{ty}")
            }
        }
    }
}

impl Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let must = if self.required { "" } else { "?" };
        match &self.travels {
            Travels::In(place) => write!(f, "{}{must} in {place}", self.ty),
            Travels::Body(media) => write!(f, "{}{must}, {media}", self.ty),
        }
    }
}

impl Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(name) => f.write_str(name),
            Self::Of(name, inner) if inner.is_empty() => f.write_str(name),
            Self::Of(name, inner) => {
                let inner: Vec<String> = inner.iter().map(Self::to_string).collect();
                write!(f, "{name}<{}>", inner.join(", "))
            }
        }
    }
}

impl Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path)?;
        match self.items {
            [Some(before), Some(after)] if before.loses_default(after) => {
                write!(f, "{before}, Default -> {after}")
            }
            [Some(before), Some(after)] => write!(f, "{before} -> {after}"),
            [one, other] => one.or(other).map_or(Ok(()), |it| it.fmt(f)),
        }
    }
}
