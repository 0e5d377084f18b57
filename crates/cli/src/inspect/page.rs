use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::damage::{BitFlipDump, Damage};
use super::hex;
use super::json_layout::{compact, indented};
use super::outcome::Outcome;
use super::payload::Payload;
use super::row::{Arrival, Row};
use super::summary::Summary;
use super::summary_text::facts;
use super::text::shown;
use super::timeline::Timeline;
use crate::carrier::Carrier;
use crate::output::{format_count, format_duration};

/// A self-contained HTML page: no scripts, fonts or pictures.
#[derive(Debug, Default)]
pub(crate) struct Page {
    rows: String,
    listed: usize,
    unlisted: u64,
    timeline: Timeline,
}

impl Page {
    /// Adds a message. Beyond what browsers handle well, messages are only counted.
    pub(crate) fn push(&mut self, row: &Row<'_>) {
        if self.listed == MAX_ROWS || self.rows.len() > MAX_LEN {
            self.unlisted += 1;
            return;
        }
        self.listed += 1;
        self.timeline.push(row);
        self.rows += &message(row).into_string();
    }

    /// The whole page; `name` is the name of the stream.
    pub(crate) fn finish(self, summary: &Summary, name: &str) -> String {
        let name = shown(name, MAX_TEXT);
        let (word, why) = summary.verdict.words();
        let is_sse = summary.carrier == Carrier::ServerSentEvents;
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                    meta name="viewport" content="width=device-width";
                    title { (name) ": " (word) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    h1 { (name) }
                    p class={ "verdict " (word) } { strong { (word) } (prose(why)) }
                    dl {
                        @for (name, text) in facts(summary) {
                            dt { (name) }
                            dd { (shown(&text, MAX_TEXT)) }
                        }
                    }
                    @if let Some(found) = &summary.damage { (damage(found)) }
                    (self.timeline.html(summary))
                    h2 { @if is_sse { "Events" } @else { "Messages" } }
                    div.scroll {
                        table.messages {
                            thead {
                                tr {
                                    th.id { "#" }
                                    th.offset { "byte" }
                                    @if summary.times.is_some() {
                                        th.wait { "time" }
                                        th.wait { "gap" }
                                    }
                                    th.what { @if is_sse { "event" } @else { "message" } }
                                    th { @if is_sse { "data" } @else { "payload" } }
                                    th.did { "outcome" }
                                }
                            }
                            // `message` formats each row.
                            tbody { (PreEscaped(&self.rows)) }
                        }
                    }
                    @if self.unlisted > 0 {
                        p.faint { "… and " (format_count(self.unlisted)) " more " (summary.units()) }
                    }
                }
            }
        }
        .into_string()
    }
}

/// One of our sentences; text between backticks is code.
fn prose(text: &str) -> Markup {
    let text = shown(text, MAX_TEXT);
    if text.matches('`').count() % 2 > 0 {
        return html! { (text) };
    }
    html! {
        @for (number, part) in text.split('`').enumerate() {
            @if number % 2 == 0 { (part) } @else { code { (part) } }
        }
    }
}

fn message(row: &Row<'_>) -> Markup {
    html! {
        tr id={ "m" (row.number) } class=[row.is_error.then_some("error")] {
            td.number { (row.number) }
            td.number { (format_count(row.offset)) }
            @if let Some(Arrival { at, gap }) = row.arrival {
                td.number { (format_duration(at)) }
                td.number.long[gap.as_secs() > 0] { "+" (format_duration(gap)) }
            }
            td.message {
                details {
                    summary {
                        span.name { (shown(&row.name, 200)) }
                        @if let Some(name) = &row.payload_name { br; span.faint { (shown(name, 200)) } }
                    }
                    (details(row))
                }
            }
            td.payload { (payload(&row.payload)) }
            td.outcomes {
                @for outcome in row.outcomes.iter().take(MAX_OUTCOMES) {
                    @let (class, text) = words(outcome);
                    div class=(class) { (shown(&text, MAX_TEXT)) }
                }
            }
        }
    }
}

/// The CSS class of an outcome, and its text.
fn words(outcome: &Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::BlockStart { block, kind } => ("opens", format!("[ block {block} opens: {kind}")),
        Outcome::BlockStop { block } => ("closes", format!("] block {block} closes")),
        Outcome::Chunk { chunk, block, detail } => {
            let block = block.map(|block| format!(", block {block}")).unwrap_or_default();
            let colon = if detail.is_empty() { "" } else { ": " };
            ("gives", format!("→ {chunk}{block}{colon}{detail}"))
        }
        Outcome::Skipped(why) => ("skipped", format!("skipped: {why}")),
        Outcome::Error(why) => ("fails", format!("the end: {why}")),
        Outcome::NoChunk(why) => ("faint", why.clone()),
    }
}

fn details(row: &Row<'_>) -> Markup {
    html! {
        div.faint {
            (row.lengths())
            @if let Some((prelude, message)) = row.checksums {
                br;
                "checksums " code { (format_args!("{prelude:08x}")) }
                " and " code { (format_args!("{message:08x}")) } ", both correct"
            }
        }
        table.headers {
            @for header in row.headers().take(MAX_HEADERS) {
                tr {
                    td.mono { (shown(&header.name, 300)) }
                    td.faint { (header.kind) }
                    td.mono { (shown(&header.value, 300)) }
                }
            }
            @if row.header_count > MAX_HEADERS {
                tr { td colspan="3" { "… " (row.header_count - MAX_HEADERS) " more" } }
            }
        }
    }
}

fn payload(payload: &Payload) -> Markup {
    match payload {
        Payload::Empty => html! { span.faint { "none" } },
        Payload::Json { text, inner, padding } => html! {
            @match inner {
                // The decoded content is more useful than its base64.
                Some(inner) => {
                    (json(inner))
                    details {
                        summary.faint { "in base64" (padded(*padding)) }
                        pre { (shown(&compact(text), MAX_TEXT)) }
                    }
                }
                None => {
                    (json(text))
                    @if *padding > 0 { div.faint { (padded(*padding)) } }
                }
            }
        },
        Payload::Text(text) => html! { pre { (shown(text, MAX_TEXT)) } },
        Payload::Binary(bytes) => {
            let lines = hex::dump(0, &bytes[..bytes.len().min(MAX_BINARY)], COLUMNS);
            let more = if bytes.len() > MAX_BINARY { "\n…" } else { "" };
            html! { pre { (joined(&lines, 100)) (more) } }
        }
    }
}

/// How much padding there is, in words.
fn padded(padding: usize) -> Markup {
    html! {
        @if padding > 0 { " + " (padding) " byte" @if padding > 1 { "s" } " of padding " code { "p" } }
    }
}

/// Short JSON as it is, longer JSON folded behind its start.
fn json(text: &str) -> Markup {
    let short = compact(text);
    if short.chars().count() <= SHORT {
        return html! { pre { (shown(&short, SHORT)) } };
    }
    html! {
        details {
            summary.mono { (shown(&short, SHORT)) }
            pre { (joined(&indented(text, MAX_JSON_LINES), MAX_TEXT)) }
        }
    }
}

/// Lines for a `pre`, each of at most `max_chars` characters.
fn joined(lines: &[String], max_chars: usize) -> String {
    lines.iter().map(|line| shown(line, max_chars)).collect::<Vec<_>>().join("\n")
}

fn damage(damage: &Damage) -> Markup {
    let offset = damage.error.offset();
    let before = ((offset - damage.around_from) as usize).min(damage.around.len());
    let (before, after) = damage.around.split_at(before);
    html! {
        section.damage {
            h2 { (damage.title()) }
            p { (prose(&damage.error.to_string())) }
            @if !damage.diagnoses.is_empty() {
                ul { @for diagnosis in &damage.diagnoses { li { (prose(&diagnosis.to_string())) } } }
            }
            pre {
                @for line in hex::dump(damage.around_from, before, COLUMNS) {
                    span.faint { (shown(&line, 100)) } "\n"
                }
                @for (number, line) in hex::dump(offset, after, COLUMNS).iter().enumerate() {
                    span class=[(number == 0).then_some("at")] { (shown(line, 100)) } "\n"
                }
            }
            @if let Some(found) = &damage.flip { (flip(found)) }
        }
    }
}

fn flip(flip: &BitFlipDump) -> Markup {
    let (marked, column) = hex::digits(flip.around_from, flip.at, COLUMNS);
    html! {
        p { (flip.title()) }
        pre {
            @for (number, line) in hex::dump(flip.around_from, &flip.around, COLUMNS).iter().enumerate() {
                @if number == marked {
                    @let (before, rest) = line.split_at(column);
                    @let (byte, after) = rest.split_at(2);
                    (shown(before, 100)) mark { (byte) } (shown(after, 100)) "\n"
                } @else {
                    span.faint { (shown(line, 100)) } "\n"
                }
            }
        }
    }
}

const STYLE: &str = include_str!("page.css");
const MAX_ROWS: usize = 5_000;
/// The maximum length of all rows, in bytes.
const MAX_LEN: usize = 32 * 1024 * 1024;
/// The maximum number of characters of a text.
const MAX_TEXT: usize = 4_000;
const MAX_HEADERS: usize = 40;
const MAX_OUTCOMES: usize = 40;
const MAX_JSON_LINES: usize = 200;
const MAX_BINARY: usize = 256;
/// The width of hex dumps: no limit.
const COLUMNS: usize = usize::MAX;
/// The maximum number of characters of JSON that is not folded.
const SHORT: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_escaped() {
        let hostile = "</script><script>alert('1')</script>\" onload=\"x & \u{1b}]0;\u{202e}";
        let safe = html! { p title=(shown(hostile, 1_000)) { (shown(hostile, 1_000)) } }.into_string();
        let (title, text) = safe[10..safe.len() - 4].split_once("\">").unwrap();
        for safe in [title, text] {
            assert!(!safe.contains(['<', '>', '"', '\u{1b}', '\u{202e}']), "{safe}");
            assert!(safe.contains("&lt;/script&gt;") && safe.contains("x &amp; \\u{1b}"), "{safe}");
        }
    }

    #[test]
    fn code_is_marked_and_escaped() {
        assert_eq!(
            prose("`messageStop` and `<b>` came").into_string(),
            "<code>messageStop</code> and <code>&lt;b&gt;</code> came"
        );
        assert_eq!(prose("one ` alone").into_string(), "one ` alone");
    }

    #[test]
    fn the_style_loads_no_external_resources() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains("</"));
    }
}
