//! Lines, keys and limits of a YAML text, without its values.

use super::{
    MAX_DEPTH, MAX_NODES, MAX_TEXT,
    hint::{Mark, hint},
    prepare::{indent_tabs, readable_number},
};
use crate::{
    fault::{Code, Fault},
    origin::Origin,
    pointer::Pointer,
};
use libyaml_safer::{EventData, Parser, ScalarStyle};
use std::{borrow::Cow, collections::BTreeMap, ops::Range, rc::Rc};

/// A node without its value. Aliases share what they stand for, so an outline is never larger than
/// its text.
pub(super) struct Outline {
    pub(super) line: u32,
    pub(super) content: Content,
    /// Nodes at and below, aliases followed.
    nodes: usize,
    /// Bytes of the values at and below and of the pointers that lead to them from here.
    bytes: usize,
    /// Levels at and below.
    height: usize,
}

/// What an outline has below.
pub(super) enum Content {
    /// The text and whether it was plain, kept where an alias may make it a key.
    Scalar(Option<(String, bool)>),
    List(Vec<Rc<Outline>>),
    Mapping(Vec<(Key, Rc<Outline>)>),
}

/// A key as it is written.
pub(super) struct Key {
    pub(super) text: String,
    pub(super) line: u32,
    /// `<<` without quotes.
    pub(super) merge: bool,
}

/// A list or mapping whose end has not come yet.
struct Open {
    anchor: Option<String>,
    outline: Outline,
    /// The key whose value comes next.
    key: Option<Key>,
    seen: BTreeMap<String, u32>,
}

/// Reads the outline of a text that holds one document; with it, the text as a reader of values takes it.
pub(super) fn outline<'a>(
    file: &str,
    text: Cow<'a, str>,
) -> Result<(Rc<Outline>, Cow<'a, str>), Fault> {
    let read = |text: Cow<'a, str>| {
        let (root, numbers) = caught(file, &text)?;
        Ok((root, with_numbers(text, &numbers)))
    };
    match indent_tabs(&text) {
        // Only where the text as it stands is refused, so that nothing that can be read is read otherwise.
        Some(indented) => read(text).or_else(|fault| read(indented.into()).map_err(|_| fault)),
        None => read(text),
    }
}

type Numbers = Vec<(Range<usize>, String)>;

fn caught(file: &str, text: &str) -> Result<(Rc<Outline>, Numbers), Fault> {
    // The parser has an assertion or two left on input that no document holds, such as `[!tag, x]`. A
    // vendor's document must not bring a build down, so what is left of them becomes a fault as well.
    std::panic::catch_unwind(|| read(file, text)).unwrap_or_else(|_| {
        let error = "the parser gave up on it".to_owned();
        Err(Fault::of_file(file, Code::Unreadable { format: "YAML", error }, ""))
    })
}

/// The text with other numbers in some places.
fn with_numbers<'a>(text: Cow<'a, str>, numbers: &Numbers) -> Cow<'a, str> {
    if numbers.is_empty() {
        return text;
    }
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (range, number) in numbers {
        out.push_str(&text[from..range.start]);
        out.push_str(number);
        from = range.end;
    }
    out.push_str(&text[from..]);
    out.into()
}

fn read(file: &str, text: &str) -> Result<(Rc<Outline>, Numbers), Fault> {
    let mut builder = Builder { file, anchors: BTreeMap::new(), open: Vec::new(), root: None };
    // The parser wants a line break after the last line of a block scalar.
    let with_end = format!("{text}\n\n");
    let mut input = with_end.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut input);
    let mut numbers = Numbers::new();
    loop {
        let event = parser.parse().map_err(|error| syntax(file, text, &error))?;
        if event.data == EventData::StreamEnd {
            break;
        }
        if let EventData::Scalar { value, style: ScalarStyle::Plain, .. } = &event.data
            && let Some(number) = readable_number(value)
        {
            // Behind a tag or an anchor, where there is one.
            let end = usize::try_from(event.end_mark.index).unwrap_or(usize::MAX);
            let range = end.saturating_sub(value.len())..end;
            if text.get(range.clone()) == Some(value) {
                numbers.push((range, number));
            }
        }
        builder.event(event.data, line_of(event.start_mark))?;
    }
    let root = builder.root.ok_or_else(|| Fault::of_file(file, Code::EmptyFile, ""))?;
    Ok((root, numbers))
}

fn syntax(file: &str, text: &str, error: &libyaml_safer::Error) -> Fault {
    let context = error.context().map(|it| format!(" {it}")).unwrap_or_default();
    let code = Code::Syntax { format: "YAML", error: format!("{}{context}", error.problem()) };
    let from = error.context_mark().map(Mark::from);
    let at = error.problem_mark().map(Mark::from).or(from).unwrap_or(Mark { line: 0, column: 0 });
    // The end that the parser was given lies behind that of the text.
    let at = match text.lines().count().saturating_sub(1) {
        last if at.line > last => Mark { line: last, column: 0 },
        _ => at,
    };
    Fault::of_file(file, code, hint(text, at, from)).shown_in(text, at.line, at.column)
}

struct Builder<'a> {
    file: &'a str,
    anchors: BTreeMap<String, Rc<Outline>>,
    open: Vec<Open>,
    root: Option<Rc<Outline>>,
}

impl Builder<'_> {
    fn event(&mut self, event: EventData, line: u32) -> Result<(), Fault> {
        match event {
            EventData::MappingStart { anchor, .. } => {
                self.start(anchor, Content::Mapping(Vec::new()), line)
            }
            EventData::SequenceStart { anchor, .. } => {
                self.start(anchor, Content::List(Vec::new()), line)
            }
            EventData::MappingEnd | EventData::SequenceEnd => match self.open.pop() {
                Some(it) => self.done(it.anchor, Rc::new(it.outline), line),
                None => Ok(()),
            },
            EventData::Scalar { anchor, value, style, .. } => {
                let plain = style == ScalarStyle::Plain;
                let bytes = value.len();
                let leaf = |text| {
                    let content = Content::Scalar(text);
                    Rc::new(Outline { line, content, nodes: 1, bytes, height: 1 })
                };
                let key = self.wants_key();
                let leaf = match anchor.is_some() {
                    true => leaf(Some((value.clone(), plain))),
                    false => leaf(None),
                };
                match (key, anchor) {
                    (false, anchor) => self.done(anchor, leaf, line),
                    (true, anchor) => {
                        self.anchors.extend(anchor.map(|it| (it, leaf)));
                        self.key(value, plain, line)
                    }
                }
            }
            EventData::Alias { anchor } => {
                let Some(target) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.fault(line, Code::UnknownAlias { alias: anchor }));
                };
                match &target.content {
                    Content::Scalar(Some((text, plain))) if self.wants_key() => {
                        self.key(text.clone(), *plain, line)
                    }
                    _ => self.done(None, target, line),
                }
            }
            EventData::DocumentStart { .. } if self.root.is_some() => {
                let help = "write each document to a file of its own";
                Err(fault(self.file, line, Pointer::ROOT, Code::SecondDocument, help))
            }
            _ => Ok(()),
        }
    }

    fn wants_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|it| it.key.is_none() && matches!(it.outline.content, Content::Mapping(_)))
    }

    fn start(&mut self, anchor: Option<String>, content: Content, line: u32) -> Result<(), Fault> {
        if self.wants_key() {
            return Err(self.fault(line, Code::NotAKey));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(self.file, line));
        }
        let outline = Outline { line, content, nodes: 1, bytes: 0, height: 1 };
        self.open.push(Open { anchor, outline, key: None, seen: BTreeMap::new() });
        Ok(())
    }

    fn key(&mut self, text: String, plain: bool, line: u32) -> Result<(), Fault> {
        if plain && matches!(text.as_str(), "" | "~") {
            return Err(self.fault(line, Code::NoKey));
        }
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        if let Some(first) = open.seen.insert(text.clone(), line) {
            return Err(duplicate(self.file, line, self.pointer().child(&text), &text, first));
        }
        let merge = plain && text == "<<";
        open.key = Some(Key { text, line, merge });
        Ok(())
    }

    /// A node is complete: it goes to its parent, or is the document.
    fn done(&mut self, anchor: Option<String>, node: Rc<Outline>, line: u32) -> Result<(), Fault> {
        self.anchors.extend(anchor.map(|it| (it, node.clone())));
        let depth = self.open.len();
        let Some(Open { outline, key, .. }) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        let (nodes, bytes, height) = (node.nodes, node.bytes, node.height);
        let step = match (&mut outline.content, key.take()) {
            (Content::Mapping(entries), Some(key)) => {
                let step = key.text.len() + 1;
                entries.push((key, node));
                step
            }
            (Content::List(items), _) => {
                items.push(node);
                // A slash and an index.
                8
            }
            (Content::Mapping(_), None) => {
                return Err(self.fault(line, Code::NotAKey));
            }
            (Content::Scalar(_), _) => return Ok(()),
        };
        outline.nodes = outline.nodes.saturating_add(nodes);
        outline.bytes =
            outline.bytes.saturating_add(bytes).saturating_add(nodes.saturating_mul(step));
        outline.height = outline.height.max(height + 1);
        if depth + height > MAX_DEPTH {
            return Err(too_deep(self.file, line));
        }
        if outline.nodes > MAX_NODES || outline.bytes > MAX_TEXT {
            return Err(too_much(self.file, line));
        }
        Ok(())
    }

    /// The pointer of the innermost open node.
    fn pointer(&self) -> Pointer {
        let mut pointer = Pointer::ROOT;
        for it in &self.open {
            match (&it.outline.content, &it.key) {
                (Content::List(items), _) => pointer = pointer.child(items.len()),
                (_, Some(key)) => pointer = pointer.child(&key.text),
                _ => {}
            }
        }
        pointer
    }

    fn fault(&self, line: u32, code: Code) -> Fault {
        fault(self.file, line, self.pointer(), code, "")
    }
}

/// The parser counts lines from 0.
fn line_of(mark: libyaml_safer::Mark) -> u32 {
    u32::try_from(mark.line).unwrap_or(u32::MAX).saturating_add(1)
}

fn fault(file: &str, line: u32, pointer: Pointer, code: Code, help: &str) -> Fault {
    Fault::at(&Origin { file: file.into(), line }, pointer, code, help)
}

pub(super) fn too_deep(file: &str, line: u32) -> Fault {
    let help = "no document needs that; name what is nested and refer to it";
    fault(file, line, Pointer::ROOT, Code::TooDeep { most: MAX_DEPTH }, help)
}

pub(super) fn too_much(file: &str, line: u32) -> Fault {
    let code = Code::TooMuch { nodes: MAX_NODES, mebibytes: MAX_TEXT >> 20 };
    let help = "cut the document to the paths you need, or write out fewer aliases";
    fault(file, line, Pointer::ROOT, code, help)
}

pub(super) fn duplicate(file: &str, line: u32, pointer: Pointer, key: &str, first: u32) -> Fault {
    let help = "keep one of them; which one a reader takes is anybody's guess";
    fault(file, line, pointer, Code::Duplicate { key: key.to_owned(), first }, help)
}
