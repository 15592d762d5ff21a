//! The second reading of a JSON text: what `serde_json` refuses although its meaning is plain becomes a value.
//!
//! Accepted beyond RFC 8259: unpaired surrogates (U+FFFD), control characters and needless escapes within strings, numbers
//! in any spelling of Rust, `NaN` and `Infinity`. Of equal names the last one counts. A number out of range, and what is
//! nested too deeply, becomes `null` and is noted as skipped. One pass, and a stack of bounded depth.

use serde_json::{Map, Value};

use super::lenient::Reading;
use super::number::number;
use super::path::{Path, Step};

/// As deep as `serde_json` reads, which has to read the value again where a caller writes it out.
const MAX_DEPTH: usize = 127;

/// Why a text is not JSON, however leniently read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It ends early.
    End,
    /// Something else stands where a value, a name or a separator belongs.
    Syntax,
}

/// Reads a text to its end.
pub(crate) fn parse(text: &str, reading: &Reading) -> Result<Value, Broken> {
    let mut parser = Parser { text, at: 0, reading };
    let value = parser.value(&Path::ROOT, 0)?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(Broken::Syntax),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    reading: &'t Reading,
}

impl<'t> Parser<'t> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        self.at += blank.count();
        self.byte()
    }

    /// The next byte, white space included.
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes the bytes that satisfy a condition. All conditions here stop at ASCII, so that the text is cut between characters.
    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> &'t str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().take_while(|byte| wanted(*byte)).count();
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn value(&mut self, path: &Path<'_>, depth: usize) -> Result<Value, Broken> {
        match self.peek().ok_or(Broken::End)? {
            b'{' | b'[' if depth == MAX_DEPTH => {
                self.skip_container()?;
                self.reading.skip(path, &[], "it is nested too deeply");
                Ok(Value::Null)
            }
            b'{' => self.object(path, depth + 1),
            b'[' => self.list(path, depth + 1),
            b'"' => self.string().map(Value::String),
            _ => self.word(path),
        }
    }

    fn object(&mut self, path: &Path<'_>, depth: usize) -> Result<Value, Broken> {
        self.at += 1;
        let mut members = Map::new();
        if self.closes(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            match self.peek() {
                Some(b'"') => {}
                Some(_) => return Err(Broken::Syntax),
                None => return Err(Broken::End),
            }
            let name = self.string()?;
            self.expect(b':')?;
            let value = self.value(&path.child(Step::Name(&name)), depth)?;
            members.insert(name, value);
            if self.closes(b'}') {
                return Ok(Value::Object(members));
            }
            self.expect(b',')?;
        }
    }

    fn list(&mut self, path: &Path<'_>, depth: usize) -> Result<Value, Broken> {
        self.at += 1;
        let mut items = Vec::new();
        if self.closes(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(&path.child(Step::Index(items.len())), depth)?);
            if self.closes(b']') {
                return Ok(Value::Array(items));
            }
            self.expect(b',')?;
        }
    }

    fn closes(&mut self, bracket: u8) -> bool {
        let closes = self.peek() == Some(bracket);
        self.at += usize::from(closes);
        closes
    }

    fn expect(&mut self, separator: u8) -> Result<(), Broken> {
        match self.peek() {
            Some(byte) if byte == separator => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(Broken::Syntax),
            None => Err(Broken::End),
        }
    }

    fn string(&mut self) -> Result<String, Broken> {
        self.at += 1;
        let mut text = String::new();
        loop {
            text.push_str(self.take(|byte| byte != b'"' && byte != b'\\'));
            let quoted = self.byte().ok_or(Broken::End)? == b'\\';
            self.at += 1;
            if !quoted {
                return Ok(text);
            }
            let escaped = self.text.get(self.at..).and_then(|rest| rest.chars().next());
            let escaped = escaped.ok_or(Broken::End)?;
            self.at += escaped.len_utf8();
            text.push(match escaped {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => self.unicode()?,
                other => other,
            });
        }
    }

    /// The character whose code follows `\u`; half of a pair alone is none.
    fn unicode(&mut self) -> Result<char, Broken> {
        let first = self.code()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let after = self.at;
        if self.text.get(after..).is_some_and(|rest| rest.starts_with("\\u")) {
            self.at += 2;
            let second = self.code()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = after;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn code(&mut self) -> Result<u32, Broken> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let digits = rest.get(..4).ok_or(Broken::End)?;
        self.at += 4;
        digits.iter().try_fold(0, |code, digit| {
            let digit = char::from(*digit).to_digit(16).ok_or(Broken::Syntax)?;
            Ok(code * 16 + digit)
        })
    }

    /// A number, or a word such as `true`.
    fn word(&mut self, path: &Path<'_>) -> Result<Value, Broken> {
        let word =
            self.take(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
        match word {
            "null" => return Ok(Value::Null),
            "true" => return Ok(Value::Bool(true)),
            "false" => return Ok(Value::Bool(false)),
            _ => {}
        }
        if let Some(number) = number(word) {
            self.reading.spell(path, &number, word);
            return Ok(Value::Number(number));
        }
        let numeric = word.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        if matches!(word, "NaN" | "Infinity" | "-Infinity")
            || (numeric && word.parse::<f64>().is_ok())
        {
            self.reading.skip(path, &[], "the number is out of range");
            return Ok(Value::Null);
        }
        // The beginning of a word is a text that was cut.
        let cut = self.byte().is_none()
            && ["null", "true", "false"].iter().any(|it| it.starts_with(word));
        Err(if cut || word == "-" { Broken::End } else { Broken::Syntax })
    }

    /// Leaves out a list or an object, without a stack.
    fn skip_container(&mut self) -> Result<(), Broken> {
        let mut open = 0_usize;
        loop {
            self.take(|byte| !matches!(byte, b'{' | b'[' | b'}' | b']' | b'"'));
            match self.byte().ok_or(Broken::End)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                _ => open -= 1,
            }
            self.at += 1;
            if open == 0 {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::super::lenient::Reading;
    use super::{Broken, parse};

    /// What a text reads as, and the places that were left out.
    fn read(text: &str) -> Result<(Value, Vec<String>), Broken> {
        let reading = Reading::default();
        let value = parse(text, &reading)?;
        let skipped = reading.into_skipped();
        Ok((value, skipped.iter().map(|it| it.path().to_owned()).collect()))
    }

    #[test]
    fn what_serde_json_reads_reads_the_same() {
        for text in [
            r#" { "a" : [ 1 , -2 , 0.5 , 1e3 , true , false , null , "x" ] , "b" : { } , "c" : [ ] } "#,
            r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#,
            r#"[18446744073709551615,-9223372036854775808,18446744073709551616,-0,0,1E-2]"#,
            "7",
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(read(text), Ok((expected, vec![])), "{text}");
        }
    }

    #[test]
    fn what_means_one_thing_is_read() {
        let cases = [
            (r#""cut \ud83d""#, json!("cut \u{fffd}")),
            (
                r#""\ude00\ud83d\ud83d\ude00\ud83dx\ud83d\n""#,
                json!("\u{fffd}\u{fffd}\u{1f600}\u{fffd}x\u{fffd}\n"),
            ),
            ("\"a\nb\\'c\"", json!("a\nb'c")),
            (r#"{"\ud83d":1}"#, json!({"\u{fffd}": 1})),
            (r#"{"a":1,"b":2,"a":3}"#, json!({"a": 3, "b": 2})),
            ("9007199254740993.0", json!(9_007_199_254_740_993_i64)),
            ("-9.007199254740993e15", json!(-9_007_199_254_740_993_i64)),
            ("12.0", json!(12.0)),
        ];
        for (text, value) in cases {
            assert_eq!(read(text), Ok((value, vec![])), "{text}");
        }
    }

    #[test]
    fn what_no_value_can_hold_is_left_out() {
        let deep = format!(r#"{{"a":{}"]"{},"b":1}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let (value, skipped) = read(&deep).unwrap();
        assert_eq!(value["b"], 1);
        assert_eq!(skipped.len(), 1);
        assert!(skipped[0].starts_with("a[0][0]"), "{skipped:?}");
        let (value, skipped) = read(r#"{"a":[1e400,-1e400],"b":NaN,"c":-Infinity}"#).unwrap();
        assert_eq!(value, json!({"a": [null, null], "b": null, "c": null}));
        assert_eq!(skipped, ["a[0]", "a[1]", "b", "c"]);
    }

    #[test]
    fn what_is_not_json_stays_an_error() {
        for text in [
            "",
            " ",
            "{",
            r#"{"a""#,
            r#"{"a":"#,
            r#"{"a":1"#,
            "[1",
            "[1,",
            r#""x"#,
            r#""\"#,
            r#""\u12"#,
            "tr",
            "-",
        ] {
            assert_eq!(read(text), Err(Broken::End), "{text}");
        }
        for text in [
            "<p>",
            "{}{}",
            "[1,]",
            "{,}",
            "{a:1}",
            "nul]",
            "1 2",
            r#""\u12x4""#,
            "1x",
            "1e5e",
            "--",
            "]",
        ] {
            assert_eq!(read(text), Err(Broken::Syntax), "{text}");
        }
        let open = "[".repeat(1_000_000);
        assert_eq!(read(&open), Err(Broken::End));
    }
}
