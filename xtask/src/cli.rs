//! The command line.

use crate::{
    Outcome, Workspace, check,
    compare::{self, FailOn},
    explain, generate, new_provider, reconcile, report,
    surface::{self, Format},
    update,
};
use clap::{Parser, Subcommand};
use conversations_diff::Level;
use jiff::civil::Date;
use std::{io::Write, path::PathBuf};

/// What a maintainer does with the vendors' documents.
///
/// Exit codes: 0 fine; 1 the change fails --fail-on, or breaks what nobody allowed to break; 2 usage or bad input; 3 the
/// network; 4 something committed is stale.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Any OpenAPI 3.x or Swagger 2.0 document to a Rust client
    #[command(after_help = "Examples:
  cargo xtask generate openapi.yaml --out client.rs
  cargo xtask generate openapi.json --overlay fixes.yaml --select '/conversations/**' --crate ../acme-client
  cargo xtask generate HEAD~1:specs/brevo/openapi.yaml > before.rs")]
    Generate {
        /// A file, an https address, or git's REV:path
        spec: String,
        /// An OpenAPI Overlay to apply first; may be repeated
        #[arg(long, value_name = "FILE")]
        overlay: Vec<PathBuf>,
        /// Keeps only paths that match this glob; may be repeated
        #[arg(long, value_name = "GLOB")]
        select: Vec<String>,
        /// Write the source text to this file (standard output without it)
        #[arg(long, value_name = "FILE", conflicts_with = "krate")]
        out: Option<PathBuf>,
        /// Write a crate of its own into this folder; it depends on this workspace's library by path
        #[arg(long = "crate", value_name = "DIR", id = "krate")]
        krate: Option<PathBuf>,
    },
    /// A new provider from any document: folder, door file and feature, ready to build
    #[command(after_help = "Examples:
  cargo xtask new-provider parley --from https://parley.example/openapi.yaml
  cargo xtask new-provider parley --from openapi.json --select '/conversations/**' --sdk-doc docs/ConversationsApi.md")]
    NewProvider {
        /// The name of the folder, the module and the Cargo feature
        name: String,
        /// A file, an https address or git's REV:path
        #[arg(long, value_name = "FILE|URL")]
        from: String,
        /// A page of the vendor's SDK as openapi-generator writes it in Markdown
        #[arg(long, value_name = "FILE")]
        sdk_doc: Option<PathBuf>,
        /// Keeps only paths that match this glob; may be repeated
        #[arg(long, value_name = "GLOB")]
        select: Vec<String>,
    },
    /// Takes a vendor's next document: says what it changes, and leaves files ready for a pull request
    ///
    /// Writes openapi.yaml, source.yaml, CHANGELOG.md and the surface snapshot, all of them or none, and adds to
    /// overlay.yaml what keeps names and types that only the document's words would change. Nothing is written
    /// where overlay actions or decisions are stale (exit code 4), where a call that works today would fail, where
    /// --accept meets a break that --allow-breaking does not name, or where --fail-on refuses the change (1). A document
    /// that cannot be fetched is exit code 3.
    #[command(after_help = "Examples:
  cargo xtask update-spec brevo --dry-run
  cargo xtask update-spec smooch --from next.yaml --accept --summary summary.md
  cargo xtask update-spec brevo ultracart --fail-on error")]
    UpdateSpec {
        /// The providers
        #[arg(required = true)]
        providers: Vec<String>,
        /// A file, an https address or git's REV:path, instead of the address in provider.yaml
        #[arg(long, value_name = "FILE|URL")]
        from: Option<String>,
        /// Say what would happen, write nothing
        #[arg(long)]
        dry_run: bool,
        /// Accept the new surface snapshot instead of leaving it pending, where nothing breaks but what is allowed
        #[arg(long)]
        accept: bool,
        /// Let this break: the id of a rule, or the path of a public item; may be repeated
        #[arg(long, value_name = "CAUSE")]
        allow_breaking: Vec<String>,
        /// Make the proposed edits of our own files that a machine can make
        #[arg(long)]
        apply_edits: bool,
        /// Write nothing and exit with 1 where some change is at least this grave
        #[arg(long, value_enum, value_name = "LEVEL")]
        fail_on: Option<FailOn>,
        /// Write the verdict as Markdown to this file
        #[arg(long, value_name = "FILE")]
        summary: Option<PathBuf>,
    },
    /// Whether everything committed is current: snapshots, hashes, overlays, decisions, changelogs, README
    #[command(after_help = "Examples:
  cargo xtask check
  cargo xtask check --fix")]
    Check {
        /// Write what can be written instead of only saying so
        #[arg(long)]
        fix: bool,
    },
    /// What changes from one document to another, in the contract and in the Rust that users see
    #[command(after_help = "Examples:
  cargo xtask diff old.yaml new.yaml
  cargo xtask diff HEAD~1:specs/brevo/openapi.yaml specs/brevo/openapi.yaml --format markdown
  cargo xtask diff specs/brevo/openapi.yaml https://example.com/openapi.yaml --fail-on error
  cargo xtask diff old.yaml new.yaml --match-path '^/conversations' --level warning --details
  curl https://example.com/openapi.json | cargo xtask diff old.yaml - --ignore accepted.md --severity levels.txt
  cargo xtask diff --composed 'old/*.yaml' 'new/*.yaml' --format junit")]
    Diff {
        /// The document that clients were built for: a file, an https address, git's REV:path, or - for standard input
        #[arg(required_unless_present = "rules")]
        base: Option<String>,
        /// The document to come
        #[arg(required_unless_present = "rules")]
        revision: Option<String>,
        /// How the two are compared and shown
        #[command(flatten)]
        options: Box<compare::Options>,
        /// YAML with any of these options by their long names; the command line goes before it
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Print all rules with their levels, and compare nothing
        #[arg(long, exclusive = true)]
        rules: bool,
    },
    /// The public Rust surface of a provider, or of any document
    #[command(after_help = "Examples:
  cargo xtask surface
  cargo xtask surface brevo
  cargo xtask surface --spec openapi.yaml --format json")]
    Surface {
        /// The provider; all of them without it
        provider: Option<String>,
        /// Another document; with a provider, under its selection and overlay
        #[arg(long, value_name = "FILE")]
        spec: Option<String>,
        /// How to print it
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// The vendor's SDK list against the vendor's document, difference by difference
    #[command(after_help = "Examples:
  cargo xtask reconcile
  cargo xtask reconcile brevo --format json")]
    Reconcile {
        /// The provider; all of them without it
        provider: Option<String>,
        /// How to print it
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Every change made to a document on its way to Rust: where, why, which limit it avoids
    #[command(after_help = "Examples:
  cargo xtask explain brevo
  cargo xtask explain --document brevo
  cargo xtask explain --shares
  cargo xtask explain --spec openapi.yaml --format json")]
    Explain {
        /// The provider; all of them without it
        provider: Option<String>,
        /// Another document
        #[arg(long, value_name = "FILE", conflicts_with = "provider")]
        spec: Option<String>,
        /// How to print it
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// List every place of what is said of several
        #[arg(long)]
        places: bool,
        /// Print the OpenAPI 3.0 document that progenitor is shown instead
        #[arg(long, conflicts_with_all = ["format", "places"])]
        document: bool,
        /// Print how much of the client progenitor, typify and this generator wrote instead
        #[arg(long, conflicts_with_all = ["format", "places", "document", "spec"])]
        shares: bool,
    },
}

/// Runs the command.
pub fn dispatch(
    cli: Cli,
    workspace: &Workspace,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    match cli.command {
        Command::Generate { spec, overlay, select, out: file, krate } => {
            let request = generate::Request { spec, overlays: overlay, select, file, krate };
            generate::generate(workspace, &request, out, err)
        }
        Command::NewProvider { name, from, sdk_doc, select } => {
            let request =
                new_provider::Request { name, from, sdk_doc, select, today: today().to_string() };
            new_provider::new_provider(workspace, &request, out, err)
        }
        Command::UpdateSpec {
            providers,
            from,
            dry_run,
            accept,
            allow_breaking,
            apply_edits,
            fail_on,
            summary,
        } => {
            let fail_on = fail_on.map(Level::from);
            let request = update::Request {
                from,
                dry_run,
                accept,
                allow_breaking,
                apply_edits,
                fail_on,
                summary,
                today: today().to_string(),
            };
            update::update_spec(workspace, &providers, &request, out, err)
        }
        Command::Check { fix } => check::check(workspace, fix, &today().to_string(), out),
        Command::Diff { base: Some(base), revision: Some(revision), options, config, rules: _ } => {
            let options = match config {
                Some(file) => options.over(compare::Options::read(&workspace.cwd.join(file))?),
                None => *options,
            };
            compare::diff(workspace, [&base, &revision], &options, today(), out, err)
        }
        // Without documents there is only `--rules`.
        Command::Diff { .. } => {
            out.write_all(report::rules().as_bytes())?;
            Ok(Outcome::Fine)
        }
        Command::Surface { provider, spec, format } => {
            surface::surface(workspace, provider.as_deref(), spec.as_deref(), format, out)
        }
        Command::Reconcile { provider, format } => {
            reconcile::reconcile(workspace, provider.as_deref(), format, out)
        }
        Command::Explain { provider, shares: true, .. } => {
            explain::shares(workspace, provider.as_deref(), out)
        }
        Command::Explain { provider, spec, document: true, .. } => {
            explain::document(workspace, provider.as_deref(), spec.as_deref(), out)
        }
        Command::Explain { provider, spec, format, places, .. } => {
            explain::explain(workspace, provider.as_deref(), spec.as_deref(), format, places, out)
        }
    }
}

fn today() -> Date {
    jiff::Zoned::now().date()
}
