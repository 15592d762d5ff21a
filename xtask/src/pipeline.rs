//! The stages of the generator, fed from files.

use crate::{
    derive::Unknown,
    fetch::Session,
    input::{self, Base, Input, Part, Read},
    root,
};
use anyhow::{Context as _, bail};
use conversations_codegen::{
    Generated, generate, generate_document, provider::Provider, surface::Surface,
};
use conversations_document::note::{Code, Stage};
use conversations_document::{
    Document, Fault, Faults, Note, Origin, Pointer, Version,
    bundle::{bundle, external_files, tidy},
    deep,
    fault::{self, Code as Broken},
    load,
    lower::{Lowered, lower},
    overlay,
    reference::local,
    select::{Selection, select},
    servers, suggest,
};
use serde_json::Value;
use std::{collections::BTreeMap, io::Write as _, path::Path};

/// The most files that one document may be split over.
const MAX_FILES: usize = 2000;

/// A document, all of its files joined.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The document.
    pub document: Document,
    /// How many files it is made of beside its main one.
    parts: usize,
    /// Why a file that it may need could not be read, by its path from the main file's folder.
    unread: BTreeMap<String, String>,
}

/// The document behind an argument, all of its files joined. What cannot be read of them is reported on standard error,
/// since anything is accepted where it would be used.
pub fn read(input: &Input) -> anyhow::Result<Document> {
    const SHOWN: usize = 5;
    let session = Session::default();
    let read = input.read(&session)?;
    let mut joined = joined(input, &read, &session)?;
    if let Some(url) = &read.url {
        servers::resolve(&mut joined.document, &|it| url.join(it).ok().map(String::from));
    }
    let faults = joined.unread_references();
    let mut err = anstream::stderr();
    // Nobody reading the warnings is no reason to stop.
    for fault in faults.iter().take(SHOWN) {
        let _ = writeln!(err, "warning: {fault}");
    }
    if faults.len() > SHOWN {
        let _ = writeln!(err, "warning: and {} more such references", faults.len() - SHOWN);
    }
    Ok(joined.document)
}

/// As [`read`], where the main file is here already, and without a word about what could not be read:
/// [`Joined::adopt`] is for those who have to know.
pub fn joined(input: &Input, read: &Read, session: &Session) -> anyhow::Result<Joined> {
    // Other files are where the document was found in the end, not where it was looked for.
    let input = match (input, &read.url) {
        (Input::Url(_), Some(url)) => &Input::Url(url.clone()),
        (input, _) => input,
    };
    let shown = input.to_string();
    let main = load::document(&shown, &read.text)?;
    let (base, name) = input.base()?;
    load::check_refs_at(&main, &name)?;
    let (files, unread) = beside(&main, &base, &name, session)?;
    let parts = files.len();
    let document = deep(|| bundle(main, &files))??;
    Version::check(&document)?;
    Ok(Joined { document, parts, unread })
}

impl Joined {
    /// What was cut out of this document as a folder of ours takes it, checked and of the family of OpenAPI 3; and whether it
    /// is all of a document of one file.
    pub fn adopt(&self, cut: Document) -> anyhow::Result<(Document, bool)> {
        self.check(&cut)?;
        let is_all = self.parts == 0 && cut.root == self.document.root;
        // Overlays speak of OpenAPI 3 places, and every later stage would take this step anyway.
        let document = match Version::of(&cut.root) {
            Some(Version::Swagger2) => deep(|| lower(cut))??.document,
            _ => cut,
        };
        Ok((document, is_all))
    }

    /// Refuses what was cut out of this document where something of it leads nowhere: a vendor's mistake, or ours in
    /// fetching it, would become a type that accepts anything.
    fn check(&self, cut: &Document) -> anyhow::Result<()> {
        let mut faults = Vec::new();
        // What the generator repairs is not a fault, and only the generator knows what it repairs.
        match deep(|| lower(cut.clone()))? {
            Ok(lowered) => {
                for note in lowered.notes.iter().filter(|it| it.code() == Code::DanglingReference) {
                    let text = note.done.dangling().unwrap_or_default();
                    faults.push(self.fault(&note.origin, note.pointer.clone(), text));
                }
            }
            // Something else is wrong with it, which an overlay may repair.
            Err(_) => load::each_reference(&cut.root, &mut |at, text| {
                let nowhere = match local(text) {
                    Some(at) => at.starts_with('/') && cut.root.pointer(&at).is_none(),
                    None => self.unread.contains_key(&file_of(text)),
                };
                if nowhere {
                    let origin = cut.origin(at);
                    faults.push(self.fault(&origin, at.to_owned(), text));
                }
            }),
        }
        Ok(Faults::check(faults)?)
    }

    /// Refuses a selection that cannot be made: what is in a file that was not read is neither ours nor not ours.
    pub fn check_selection(&self, selection: &Selection) -> anyhow::Result<()> {
        let paths = self.document.root.get("paths").and_then(Value::as_object);
        let mut faults = Vec::new();
        for (path, item) in paths.into_iter().flatten() {
            let at = Pointer::from("/paths").child(path);
            let text = match path.as_str() {
                "$ref" => item.as_str(),
                // Globs see the path, and tags are inside.
                _ if selection.tags.is_empty() => None,
                _ => item.get("$ref").and_then(Value::as_str),
            };
            if let Some(text) = text.filter(|it| local(it).is_none()) {
                let origin = self.document.origin(&at);
                faults.push(self.fault(&origin, at, text));
            }
        }
        Ok(Faults::check(faults)?)
    }

    /// The references into files that could not be read.
    fn unread_references(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.unread.is_empty() {
            return faults;
        }
        let root = &self.document.root;
        load::each_reference(root, &mut |at, text| {
            if local(text).is_none() && self.unread.contains_key(&file_of(text)) {
                let origin = self.document.origin(at);
                faults.push(self.fault(&origin, at.to_owned(), text));
            }
        });
        faults
    }

    fn fault(&self, origin: &Origin, pointer: Pointer, text: &str) -> Fault {
        let why = self.unread.get(&file_of(text)).filter(|_| local(text).is_none()).cloned();
        let reference = text.to_owned();
        let (code, help) = match why {
            None => (
                Broken::DanglingReference { reference },
                "ask the vendor for what is missing, or name a corrected document with --from",
            ),
            Some(why) => (
                Broken::UnreadReference { reference, why },
                "put the file where the reference says, or name a document that is whole",
            ),
        };
        let meant = self.meant(text).map(|it| format!("did you mean `{it}`? "));
        Fault::at(origin, pointer, code, format!("{}{help}", meant.unwrap_or_default()))
    }

    /// The reference of the nearest name beside the one to which a reference of this document leads.
    fn meant(&self, text: &str) -> Option<String> {
        let to = local(text)?;
        let beside = self.document.root.pointer(&to.parent())?.as_object()?;
        let name = suggest::nearest(&to.last(), beside.keys().map(String::as_str), 1);
        Some(format!("#{}", to.parent().child(name.first()?)))
    }
}

/// The file of a reference, as `unread` names it.
fn file_of(text: &str) -> String {
    let file = text.split('#').next().unwrap_or_default();
    tidy(file.strip_prefix("./").unwrap_or(file))
}

/// The other files that `main` needs, and why some of them are not there.
type Beside = (BTreeMap<String, Document>, BTreeMap<String, String>);

fn beside(main: &Document, base: &Base, name: &str, session: &Session) -> anyhow::Result<Beside> {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let shown_folder = main.file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut files: BTreeMap<String, Document> = BTreeMap::new();
    let mut unread: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let mut wanted = deep(|| external_files(main, &files))?;
        wanted.retain(|it| !unread.contains_key(it) && !files.contains_key(it));
        if wanted.is_empty() {
            return Ok((files, unread));
        }
        if files.len() + wanted.len() > MAX_FILES {
            bail!("{} is split over more than {MAX_FILES} files", main.file);
        }
        for file in wanted {
            // What is outside the folder that the document's files share is not read. Whether a
            // file that cannot be read matters is for the caller to say, who knows what is ours.
            let path = input::normal(format!("{folder}/{file}").trim_start_matches('/'));
            let part = match &path {
                Some(path) => base.read(path, session),
                None => {
                    Err(anyhow::anyhow!("it is outside {base}, where the document's files are"))
                }
            };
            let (path, Part { text, moved }) = match (path, part) {
                (Some(path), Ok(part)) => (path, part),
                (_, Err(why)) => {
                    if let Base::Site(_) = base {
                        // Nothing more will come, and half a document is none.
                        session.left().with_context(|| format!("cannot fetch {file}"))?;
                    }
                    unread.insert(file, format!("{why:#}"));
                    continue;
                }
                (None, Ok(_)) => continue,
            };
            let shown = match shown_folder {
                "" => file.clone(),
                folder => format!("{folder}/{file}"),
            };
            let shown = match shown.contains("://") {
                true => shown,
                false => tidy(&shown),
            };
            let document = load::document(&shown, &text)?;
            load::check_refs_at(&document, &path)?;
            if let Some(moved) = moved {
                let mut relative = false;
                load::each_reference(&document.root, &mut |_, text| {
                    relative |= local(text).is_none();
                });
                if relative {
                    // They would be looked for beside the old address.
                    let why = format!(
                        "it redirects to {moved}, where its own references would mean other files; refer to that address"
                    );
                    unread.insert(file, why);
                    continue;
                }
            }
            files.insert(file, document);
        }
    }
}

/// A document cut to what is ours.
pub fn cut(document: Document, selection: &Selection) -> fault::Result<Document> {
    deep(|| select(document, selection))?
}

/// A document with overlays applied, in order.
pub fn overlaid(mut document: Document, overlays: &[load::Text]) -> fault::Result<Document> {
    for text in overlays {
        document = overlay::apply(document, &overlay::parse(text)?)?;
    }
    Ok(document)
}

/// What the document says of its own server and credentials, and what it leaves open.
pub fn derive(document: &Document) -> anyhow::Result<(Provider, Vec<Note>)> {
    let Lowered { document, .. } = deep(|| lower(document.clone()))??;
    let (provider, unknown) = crate::derive::provider(&document.root);
    let note = |Unknown { pointer, done }: Unknown| {
        let origin = document.origin(&pointer);
        Note { stage: Stage::Derive, done, pointer, origin }
    };
    Ok((provider, unknown.into_iter().map(note).collect()))
}

/// What in a provider's rules for the sandbox, where it has any, does not fit the document that its client understands.
pub(crate) fn misfits_of_sandbox(
    root: &Path,
    name: &str,
    document: Value,
) -> anyhow::Result<Vec<Fault>> {
    let Some(rules) = root::text(root, &format!("specs/{name}/sandbox.yaml"))? else {
        return Ok(Vec::new());
    };
    Ok(conversations_sandbox::check_rules(&rules, document).map_or_else(|it| it.0, |()| Vec::new()))
}

/// The client of a document that belongs to no provider.
pub fn client(document: Document) -> anyhow::Result<Generated> {
    let (provider, notes) = derive(&document)?;
    let mut made = generate_document(document, &provider)?;
    made.notes.extend(notes);
    Ok(made)
}

/// What users would see of the client of a document that belongs to no provider.
pub fn survey(document: Document) -> anyhow::Result<Surface> {
    let lowered = deep(|| lower(document))??;
    let (provider, _) = crate::derive::provider(&lowered.document.root);
    Ok(conversations_codegen::survey(lowered, &provider)?)
}

/// The client of a provider's folder.
pub fn provider(root: &Path, name: &str) -> anyhow::Result<Generated> {
    let sources = crate::root::sources(root, name)?;
    let made = generate(&sources);
    made.with_context(|| format!("cannot generate the client of `{name}`"))
}
