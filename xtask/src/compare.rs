//! `cargo xtask diff`: what changes from one document to another, in the contract and in Rust.

use crate::{
    Outcome, Workspace, composed,
    decisions::{Ignored, Severities},
    impact,
    input::Input,
    pipeline,
    progress::Progress,
    report::{self, Format, display},
    root,
};
use anyhow::{Context as _, bail};
use conversations_codegen::provider::{self, Selection};
use conversations_diff::{Change, Comparison, Level, Policy, Stability};
use conversations_document::{Document, lookup::operations, select::without_unused};
use jiff::civil::Date;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// What is compared, how it is judged and how it is shown: on the command line, or in a file.
#[derive(Debug, Clone, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Options {
    /// How to print it [default: text]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Exit with 1 where some change is at least this grave
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<FailOn>,
    /// Show only what is at least this grave
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub level: Option<FailOn>,
    /// After the page of text, every change with its place, its rule and the Rust that it changes
    #[arg(long)]
    pub details: bool,
    /// Changes that were accepted: lines with verb and path (or the word components) and the rule or the
    /// sentence of the change; other lines are read over. May be repeated
    #[arg(long, value_name = "FILE")]
    pub ignore: Vec<PathBuf>,
    /// Other levels of rules: lines of a rule and one of err, warn, info and none. May be repeated
    #[arg(long, value_name = "FILE")]
    pub severity: Vec<PathBuf>,
    /// Compare only paths that match this regular expression
    #[arg(long, value_name = "REGEX")]
    pub match_path: Option<String>,
    /// Compare no paths that match this regular expression
    #[arg(long, value_name = "REGEX")]
    pub exclude_path: Option<String>,
    /// The least x-stability-level that is compared [default: beta]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub stability_level: Option<StabilityLevel>,
    /// Days from a deprecation to its sunset that what is beta must give
    #[arg(long, value_name = "DAYS")]
    pub deprecation_days_beta: Option<u16>,
    /// Days from a deprecation to its sunset that what is stable must give
    #[arg(long, value_name = "DAYS")]
    pub deprecation_days_stable: Option<u16>,
    /// The day of the comparison, as 2030-12-31, for deprecations and sunsets [default: today]
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,
    /// BASE and REVISION are patterns of file names; the documents of each are compared as one
    #[arg(long)]
    pub composed: bool,
}

/// A level as it is named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// Something that worked stops working.
    Error,
    /// Something may stop working.
    Warning,
    /// Anything at all changes.
    Info,
}

impl From<FailOn> for Level {
    fn from(it: FailOn) -> Self {
        match it {
            FailOn::Error => Level::Error,
            FailOn::Warning => Level::Warning,
            FailOn::Info => Level::Info,
        }
    }
}

/// A stability level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StabilityLevel {
    /// Everything.
    Draft,
    /// What is tried out.
    Alpha,
    /// What is announced.
    Beta,
    /// What is kept.
    Stable,
}

impl Options {
    /// The options in a file.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = read(file)?;
        serde_yaml::from_str(&text).with_context(|| format!("in {}", file.display()))
    }

    /// These options, and those of `other` where these say nothing.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        let list = |own: Vec<PathBuf>, other| if own.is_empty() { other } else { own };
        Self {
            format: self.format.or(other.format),
            fail_on: self.fail_on.or(other.fail_on),
            level: self.level.or(other.level),
            details: self.details || other.details,
            ignore: list(self.ignore, other.ignore),
            severity: list(self.severity, other.severity),
            match_path: self.match_path.or(other.match_path),
            exclude_path: self.exclude_path.or(other.exclude_path),
            stability_level: self.stability_level.or(other.stability_level),
            deprecation_days_beta: self.deprecation_days_beta.or(other.deprecation_days_beta),
            deprecation_days_stable: self.deprecation_days_stable.or(other.deprecation_days_stable),
            today: self.today.or(other.today),
            composed: self.composed || other.composed,
        }
    }

    fn policy(&self, today: Date) -> Policy {
        let policy = Policy::from(self.today.unwrap_or(today));
        Policy {
            notice_beta: self.deprecation_days_beta.unwrap_or_default(),
            notice_stable: self.deprecation_days_stable.unwrap_or_default(),
            stability: match self.stability_level {
                None => policy.stability,
                Some(StabilityLevel::Draft) => Stability::Draft,
                Some(StabilityLevel::Alpha) => Stability::Alpha,
                Some(StabilityLevel::Beta) => Stability::Beta,
                Some(StabilityLevel::Stable) => Stability::Stable,
            },
            ..policy
        }
    }
}

/// The text of a file that was named by an option.
fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Compares two documents, `today` unless the options name another day, and prints the report.
pub fn diff(
    workspace: &Workspace,
    [base, revision]: [&str; 2],
    options: &Options,
    today: Date,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    if base == "-" && revision == "-" {
        bail!("only one of the two documents can come from standard input");
    }
    let texts = |files: &[PathBuf]| -> anyhow::Result<Vec<(PathBuf, String)>> {
        files.iter().map(|it| Ok((it.clone(), read(&workspace.cwd.join(it))?))).collect()
    };
    let ignored = Ignored::of(&texts(&options.ignore)?);
    let severities = Severities::of(&texts(&options.severity)?)?;
    let paths = Paths::of(options)?;
    // A provider's own document has what is selected; of another one, nothing else is news.
    let select = match paths.chooses() || options.composed {
        true => Selection::default(),
        false => selection(workspace, [base, revision])?,
    };
    let cut = |document: Document| {
        let whole = document.clone();
        // Where the selection matches nothing, all of the document is compared.
        let cut = pipeline::cut(document, &select).unwrap_or(whole);
        paths.select(cut)
    };
    let progress = Progress::start(format!("reading {base}"));
    let base = cut(document(workspace, base, options.composed)?);
    progress.step(format!("reading {revision}"));
    let whole = document(workspace, revision, options.composed)?;
    let all = operations(&whole.root).len();
    let revision = cut(whole);
    let outside = match paths.chooses() {
        true => 0,
        false => all.saturating_sub(operations(&revision.root).len()),
    };
    progress.step("comparing");
    let policy = options.policy(today);
    let found =
        conversations_document::deep(|| conversations_diff::compare(&base, &revision, policy))?
            .changes;
    let count = |it: &[Change]| -> usize { it.iter().map(|it| it.operations().count()).sum() };
    let all = count(&found);
    let judged = found.into_iter().filter_map(|it| severities.judge(it));
    let kept: Vec<_> = judged.filter_map(|it| ignored.rest(it)).collect();
    let left_out = all - count(&kept);
    let words = report::words([&base.root, &revision.root]);
    let (mut report, hindrances) = impact::of_documents(Comparison::of(kept), base, revision)?;
    drop(progress);
    for hindrance in hindrances {
        writeln!(err, "warning: {hindrance}")?;
    }
    if outside > 0 {
        writeln!(
            err,
            "note: {outside} operations are outside of `select` in provider.yaml; --match-path . compares all"
        )?;
    }
    if left_out > 0 {
        writeln!(err, "note: --ignore and --severity leave out {left_out} of {all} changes")?;
    }
    let fails = options.fail_on.is_some_and(|level| report.reaches(level.into()));
    if let Some(level) = options.level {
        report.keep(level.into());
    }
    match options.format.unwrap_or(Format::Text) {
        Format::Text => {
            let lowest = options.level.map_or(Level::Info, Level::from);
            let aside = report::Aside { words, outside, overruled: &[] };
            report::overview(&report, lowest, aside, options.details, out)?;
            if options.details {
                writeln!(out)?;
                display(&report, Format::Text, out)?;
            }
        }
        format => display(&report, format, out)?,
    }
    Ok(if fails { Outcome::Fails } else { Outcome::Fine })
}

/// What a provider selects, where one of the documents is its own.
fn selection(workspace: &Workspace, inputs: [&str; 2]) -> anyhow::Result<Selection> {
    for name in root::providers(&workspace.root).unwrap_or_default() {
        let own = format!("specs/{name}/openapi.yaml");
        let is_own = |it: &str| match Input::parse(it, &workspace.cwd) {
            Ok(Input::File { path, .. }) => {
                let same = |path: &Path| path.canonicalize().ok();
                same(&path).is_some() && same(&path) == same(&workspace.root.join(&own))
            }
            Ok(Input::Git { path, .. }) => path == own,
            _ => false,
        };
        if inputs.into_iter().any(is_own) {
            let sources = root::sources(&workspace.root, &name)?;
            return Ok(provider::provider(&sources.provider)?.select);
        }
    }
    Ok(Selection::default())
}

fn document(workspace: &Workspace, written: &str, composed: bool) -> anyhow::Result<Document> {
    match composed {
        true => composed::read(written, &workspace.cwd),
        false => pipeline::read(&Input::parse(written, &workspace.cwd)?),
    }
}

/// Which paths are compared.
struct Paths {
    only: Option<Regex>,
    without: Option<Regex>,
}

impl Paths {
    fn of(options: &Options) -> anyhow::Result<Self> {
        let regex = |text: &Option<String>, option: &str| -> anyhow::Result<Option<Regex>> {
            let Some(text) = text else { return Ok(None) };
            let regex = Regex::new(text);
            Ok(Some(regex.with_context(|| format!("--{option} is not a regular expression"))?))
        };
        Ok(Self {
            only: regex(&options.match_path, "match-path")?,
            without: regex(&options.exclude_path, "exclude-path")?,
        })
    }

    /// Whether somebody chose what is compared.
    fn chooses(&self) -> bool {
        self.only.is_some() || self.without.is_some()
    }

    /// The document with the paths that are compared, and the shared parts that these need.
    fn select(&self, mut document: Document) -> Document {
        if !self.chooses() {
            return document;
        }
        let kept = |path: &str| {
            self.only.as_ref().is_none_or(|it| it.is_match(path))
                && !self.without.as_ref().is_some_and(|it| it.is_match(path))
        };
        if let Some(paths) = document.root.get_mut("paths").and_then(Value::as_object_mut) {
            paths.retain(|path, _| kept(path));
        }
        without_unused(document, &[])
    }
}
