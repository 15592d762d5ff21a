//! JSON text: serde_json reads the values, a walk over the text finds the lines.

use super::{MAX_DEPTH, MAX_NODES, MAX_TEXT};
use crate::{
    document::Document,
    fault::{Code, Fault},
    origin::Origin,
    pointer::Pointer,
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// Why a text was not read as JSON.
pub(super) enum Refusal {
    /// It is not JSON. It may be YAML.
    Syntax(Fault),
    /// It is JSON that is refused.
    Fault(Fault),
}

pub(super) fn read(file: &str, text: &str) -> Result<Document, Refusal> {
    weigh(file, text).map_err(Refusal::Fault)?;
    let text = &*super::prepare::readable_json(text);
    let root: Value = serde_json::from_str(text).map_err(|error| {
        let code = Code::Syntax { format: "JSON", error: error.to_string() };
        let (line, column) = (error.line().saturating_sub(1), error.column().saturating_sub(1));
        Refusal::Syntax(Fault::of_file(file, code, "").shown_in(text, line, column))
    })?;
    let file: Arc<str> = file.into();
    let mut lines = Lines {
        text: text.as_bytes(),
        at: 0,
        line: 1,
        spent: 0,
        file: file.clone(),
        origins: BTreeMap::new(),
    };
    lines.value(&Pointer::ROOT, None).map_err(Refusal::Fault)?;
    Ok(Document { file, root, origins: lines.origins })
}

/// Depth and number of nodes, before anything is built.
fn weigh(file: &str, text: &str) -> Result<(), Fault> {
    let (mut depth, mut nodes, mut line, mut quoted, mut escaped) =
        (0_usize, 1_usize, 1, false, false);
    for byte in text.bytes() {
        match byte {
            b'\n' => line += 1,
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                depth += 1;
                nodes += 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => nodes += 1,
            _ => {}
        }
        if depth > MAX_DEPTH || nodes > MAX_NODES {
            let mut fault = super::outline::too_much(file, line);
            if depth > MAX_DEPTH {
                fault = super::outline::too_deep(file, line);
            }
            return Err(fault);
        }
    }
    Ok(())
}

/// A walk over text that serde_json has already accepted, no deeper than [`MAX_DEPTH`].
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
    spent: usize,
    file: Arc<str>,
    origins: BTreeMap<Pointer, Origin>,
}

impl Lines<'_> {
    /// One value, whose origin is the line of its key where it has one.
    fn value(&mut self, pointer: &Pointer, line: Option<u32>) -> Result<(), Fault> {
        self.space();
        let line = line.unwrap_or(self.line);
        self.spent += pointer.len();
        if self.spent > MAX_TEXT {
            return Err(super::outline::too_much(&self.file, self.line));
        }
        self.origins.insert(pointer.clone(), Origin { file: self.file.clone(), line });
        match self.peek() {
            b'{' => self.object(pointer),
            b'[' => self.array(pointer),
            b'"' => {
                self.string();
                Ok(())
            }
            _ => {
                while !matches!(self.peek(), b',' | b'}' | b']' | 0)
                    && !self.peek().is_ascii_whitespace()
                {
                    self.at += 1;
                }
                Ok(())
            }
        }
    }

    fn object(&mut self, pointer: &Pointer) -> Result<(), Fault> {
        let mut seen = BTreeMap::new();
        self.at += 1;
        loop {
            self.space();
            match self.peek() {
                b'"' => {}
                b',' => {
                    self.at += 1;
                    continue;
                }
                _ => break,
            }
            let line = self.line;
            let raw = self.string();
            let key: String = serde_json::from_slice(raw).unwrap_or_default();
            let pointer = pointer.child(&key);
            if let Some(first) = seen.insert(key.clone(), line) {
                return Err(super::outline::duplicate(&self.file, line, pointer, &key, first));
            }
            self.space();
            self.at += 1;
            self.value(&pointer, Some(line))?;
        }
        self.at += 1;
        Ok(())
    }

    fn array(&mut self, pointer: &Pointer) -> Result<(), Fault> {
        self.at += 1;
        let mut index = 0_usize;
        loop {
            self.space();
            match self.peek() {
                b']' | 0 => break,
                b',' => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            self.value(&pointer.child(index), None)?;
            index += 1;
        }
        self.at += 1;
        Ok(())
    }

    /// A string with its quotes.
    fn string(&mut self) -> &[u8] {
        let start = self.at;
        self.at += 1;
        while !matches!(self.peek(), b'"' | 0) {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        self.at = (self.at + 1).min(self.text.len());
        &self.text[start..self.at]
    }

    fn space(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.line += u32::from(self.peek() == b'\n');
            self.at += 1;
        }
    }

    /// The byte ahead; 0, which JSON never has outside a string, at the end.
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }
}
