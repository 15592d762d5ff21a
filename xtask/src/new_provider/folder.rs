//! The files of a new provider, as texts.

use super::{guess::Behaviour, sdk_doc::Page};
use conversations_codegen::provider::{Auth, Provider};
use conversations_document::Document;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// `provider.yaml`.
pub(super) fn provider(
    provider: &Provider,
    url: Option<&str>,
    origin: &str,
    select: &[String],
) -> anyhow::Result<String> {
    let Provider { provider: name, title, summary, documentation, servers, auth, error, .. } =
        provider;
    let Provider { rate_limit, reasons, .. } = provider;
    let mut out = String::from(
        "# Derived from the document by `cargo xtask new-provider`: correct what it could not know.\n",
    );
    let mut line = |key: &str, value: &Value| -> anyhow::Result<()> {
        // One key at a time, so that the order and the comments are ours.
        writeln!(out, "{}", serde_yaml::to_string(&json!({ key: value }))?.trim_end())?;
        Ok(())
    };
    line("provider", &json!(name))?;
    line("title", &json!(title))?;
    line("summary", &json!(summary))?;
    line("documentation", &json!(documentation))?;
    let note = match url {
        Some(_) => "As fetched by new-provider.".to_owned(),
        None => format!(
            "The document was given as {origin}; where the vendor publishes it is not known yet."
        ),
    };
    line("source", &json!({"url": url, "note": note}))?;
    line("select", &json!({"paths": select, "tags": []}))?;
    line("servers", &json!(servers))?;
    let auth: Vec<Value> = auth.iter().map(credential).collect();
    line("auth", &json!(auth))?;
    line("error", &json!({"code": error.code, "message": error.message}))?;
    if let Some(limit) = rate_limit {
        line("rate_limit", &json!(limit))?;
    }
    if !reasons.is_empty() {
        line("reasons", &json!(reasons))?;
    }
    Ok(out)
}

fn credential(auth: &Auth) -> Value {
    let mut out =
        json!({"method": auth.method, "scheme": auth.scheme, "credential": auth.credential});
    if let Some(token) = &auth.token {
        out["token"] = json!(token);
    }
    out
}

/// `overlay.yaml`: the behaviours that were guessed, or one action that does nothing but keep the file valid until there is
/// something to say.
pub(super) fn overlay(
    document: &Document,
    provider: &Provider,
    origin: &str,
    behaviours: &[Behaviour],
) -> anyhow::Result<String> {
    let title =
        document.root.pointer("/info/title").cloned().unwrap_or_else(|| json!(provider.title));
    let guessed = behaviours.iter().map(|it| {
        let path = it.path.replace('\\', "\\\\").replace('\'', "\\'");
        json!({
            "target": format!("$.paths['{path}'].{}", it.method),
            "description": format!("Guessed by new-provider, to be confirmed: {}", it.reason),
            "x-source": origin,
            "update": {"x-conversations": it.says},
        })
    });
    let mut actions: Vec<Value> = guessed.collect();
    if actions.is_empty() {
        actions.push(json!({
            "target": "$.info",
            "description": "Says what the document says; it stands for the corrections and behaviours to come.",
            "x-source": origin,
            "update": {"title": title},
        }));
    }
    let overlay = json!({
        "overlay": "1.1.0",
        "info": {"title": format!("{} as it is", provider.title), "version": "1.0.0"},
        "extends": "openapi.yaml",
        "actions": actions,
    });
    Ok(format!(
        "# Our corrections of openapi.yaml and the behaviours that it cannot say, each with reason and source.\n{}",
        serde_yaml::to_string(&overlay)?
    ))
}

/// `sandbox.yaml`.
pub(super) fn sandbox(rules: &Value) -> anyhow::Result<String> {
    Ok(format!(
        "# What the stand-in remembers, guessed from the paths by `cargo xtask new-provider`; crates/sandbox/README.md explains it.\n{}",
        serde_yaml::to_string(rules)?
    ))
}

/// `sdk.yaml`: what the page lists, or a skeleton.
pub(super) fn sdk(name: &str, page: Option<(&Page, &str)>) -> anyhow::Result<String> {
    let (head, value) = match page {
        Some((page, file)) => {
            let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
            (
                "# Read from the SDK's page by `cargo xtask new-provider`; the decisions are proposals to look into.\n",
                json!({
                    "sdk": {
                        "name": page.title, "language": page.language, "generator": "openapi-generator",
                        "documented_at": file,
                    },
                    "operations": page.operations,
                    "decisions": [],
                }),
            )
        }
        None => (
            "# No SDK is listed yet: fill in what the vendor's SDK has, and take the decision out.\n",
            json!({
                "sdk": {"name": name, "language": "rust", "documented_at": "not listed yet"},
                "operations": [],
                "decisions": [{
                    "about": "operation-unlisted",
                    "operations": "all",
                    "take": "document",
                    "reason": "No SDK is listed yet, so everything that the document has is taken.",
                    "source": "openapi.yaml",
                }],
            }),
        ),
    };
    Ok(format!("{head}{}", serde_yaml::to_string(&value)?))
}

/// The door file.
pub(super) fn door(provider: &Provider) -> String {
    let Provider { provider: name, title, summary, .. } = provider;
    let safe = |text: &str| text.replace(['[', ']', '<', '>'], "");
    let about = match summary == title {
        true => safe(title),
        false => format!("{}: {}", safe(title), safe(summary)),
    };
    let mut out = String::new();
    let _ = writeln!(out, "//! {}.", about.trim_end_matches('.'));
    let _ = write!(
        out,
        "//!\n//! The client is generated from `specs/{name}/` at build time; this file is its door and holds no logic.\n\
         #![doc = include_str!(concat!(env!(\"OUT_DIR\"), \"/{name}.md\"))]\n\n\
         include!(concat!(env!(\"OUT_DIR\"), \"/{name}.rs\"));\n"
    );
    out
}
