//! A report for other programs than a terminal: a page of HTML, test results of JUnit, a line per change.

use super::{sections::sections, types::Report};
use conversations_diff::Level;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html::push_html};
use quick_xml::escape::escape;
use std::io::{self, Write};

/// The page's looks.
const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em}\
    table{border-collapse:collapse}th,td{border:1px solid #ccc;padding:.3em .6em;text-align:left;vertical-align:top}";

/// The report in Markdown as a page. Of HTML, nothing that a document says gets through but line breaks, and
/// neither do links and images.
pub(super) fn html(markdown: &str, out: &mut dyn Write) -> io::Result<()> {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(|it| match it {
        Event::InlineHtml(text) | Event::Html(text) if &*text != "<br>" => Some(Event::Text(text)),
        Event::Start(Tag::Link { .. } | Tag::Image { .. })
        | Event::End(TagEnd::Link | TagEnd::Image) => None,
        other => Some(other),
    });
    let mut body = String::new();
    push_html(&mut body, events);
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>API changes</title>\
         <style>{STYLE}</style></head>\n<body>\n<h1>API changes</h1>\n{body}</body>\n</html>"
    )
}

/// A test for each cause, failed where it breaks.
pub(super) fn junit(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let sections = sections(report);
    let all = || {
        sections.iter().flat_map(|section| {
            let blocks = section.blocks.iter();
            blocks.flat_map(move |block| block.groups.iter().map(move |it| (section, block, it)))
        })
    };
    let failures = all().filter(|it| it.2.change.level() == Level::Error).count();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites>")?;
    let tests = all().count();
    writeln!(
        out,
        "  <testsuite name=\"API changes\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
    )?;
    for (section, block, group) in all() {
        let change = group.change;
        let (name, class) = (xml(&change.rule.id()), xml(&section.heading));
        let reach = block.reach.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        let text = xml(&format!("{}{reach}, at {}", group.sentence(), group.line()));
        writeln!(out, "    <testcase name=\"{name}\" classname=\"{class}\">")?;
        match change.level() {
            Level::Error => {
                writeln!(out, "      <failure type=\"error\" message=\"{name}\">{text}</failure>")?;
            }
            level => writeln!(out, "      <system-out>{}: {text}</system-out>", level.name())?,
        }
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// Text as it may stand in XML, which has no place for most control characters.
fn xml(text: &str) -> String {
    let text: String =
        text.chars().filter(|it| !it.is_control() || matches!(it, '\n' | '\t')).collect();
    escape(text).into_owned()
}

/// A line for each change and operation: what a list of accepted changes can be made of.
pub(super) fn singleline(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for entry in &report.changes {
        let change = &entry.change;
        let line = change.revision_line.or(change.base_line);
        let at =
            line.map_or_else(|| change.pointer.to_string(), |it| format!("{}:{it}", change.file));
        for reached in change.reach.iter() {
            let operation = &*reached.operation;
            let place = if operation.is_empty() { "components" } else { operation };
            let text = change.text_in(reached).replace(['\n', '\r'], " ");
            writeln!(out, "{} {place} {text} [{}] at {at}", change.level().name(), change.rule)?;
        }
    }
    Ok(())
}
