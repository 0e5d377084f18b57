use super::closing::facts;
use super::damage::{Damage, Flip};
use super::effect::Effect;
use super::hex;
use super::json_layout::{compact, indented};
use super::payload::Payload;
use super::row::{Arrival, Row};
use super::summary::Summary;
use super::text::visible;
use super::timeline::Timeline;
use crate::output::{grouped, readable};

/// A stream as one page of HTML, which needs nothing else: no script, no font, no picture.
#[derive(Debug, Default)]
pub(crate) struct Page {
    rows: String,
    listed: usize,
    unlisted: u64,
    timeline: Timeline,
}

impl Page {
    /// Adds a message. Beyond what a browser shows well they are only counted.
    pub(crate) fn push(&mut self, row: &Row<'_>) {
        if self.listed == MAX_ROWS || self.rows.len() > MAX_LEN {
            self.unlisted += 1;
            return;
        }
        self.listed += 1;
        self.timeline.push(row);
        self.rows += &message(row);
    }

    /// The whole page; `name` is what the stream is called.
    pub(crate) fn finish(self, summary: &Summary, name: &str) -> String {
        let name = escaped(name, MAX_TEXT);
        let (word, why) = summary.verdict.words();
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n\
             <title>{name}: {word}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n\
             <p class=\"verdict {word}\"><strong>{word}</strong>{}</p>\n<dl>\n",
            prose(why)
        );
        for (name, text) in facts(summary) {
            out += &format!("<dt>{name}</dt><dd>{}</dd>\n", escaped(&text, MAX_TEXT));
        }
        out += "</dl>\n";
        out += &summary.damage.as_ref().map(damage).unwrap_or_default();
        out += &self.timeline.html(summary);
        out += "<h2>Messages</h2>\n<div class=\"scroll\"><table class=\"messages\">\n<thead><tr><th class=\"id\">#<th class=\"offset\">byte";
        if summary.times.is_some() {
            out += "<th class=\"wait\">time<th class=\"wait\">gap";
        }
        out += "<th class=\"what\">message<th>payload<th class=\"did\">what it did</tr></thead>\n<tbody>\n";
        out += &self.rows;
        out += "</tbody>\n</table></div>\n";
        if self.unlisted > 0 {
            out += &format!("<p class=\"faint\">… and {} more messages</p>\n", grouped(self.unlisted));
        }
        out + "</body>\n</html>\n"
    }
}

/// A text from elsewhere in HTML, also in a quoted attribute: made visible, and at most so many characters of it.
pub(crate) fn escaped(text: &str, max_chars: usize) -> String {
    let end = text.char_indices().nth(max_chars).map_or(text.len(), |(end, _)| end);
    let mut out = String::with_capacity(end);
    for c in visible(&text[..end]).chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    if end < text.len() {
        out.push('…');
    }
    out
}

/// A sentence of ours in HTML: what stands between backticks in it is code.
fn prose(text: &str) -> String {
    let text = escaped(text, MAX_TEXT);
    if text.matches('`').count() % 2 > 0 {
        return text;
    }
    let mut parts = text.split('`');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (number, part) in parts.enumerate() {
        out += if number % 2 == 0 { "<code>" } else { "</code>" };
        out += part;
    }
    out
}

fn message(row: &Row<'_>) -> String {
    let class = if row.is_error { " class=\"error\"" } else { "" };
    let mut out = format!(
        "<tr id=\"m{0}\"{class}><td class=\"number\">{0}<td class=\"number\">{1}",
        row.number,
        grouped(row.offset)
    );
    if let Some(Arrival { at, gap }) = row.arrival {
        let class = if gap.as_secs() > 0 { "number long" } else { "number" };
        out += &format!("<td class=\"number\">{}<td class=\"{class}\">+{}", readable(at), readable(gap));
    }
    out += &format!(
        "<td class=\"message\"><details><summary class=\"name\">{}</summary>{}</details><td class=\"payload\">{}<td class=\"effects\">",
        escaped(&row.name, 200),
        details(row),
        payload(&row.payload)
    );
    for effect in row.effects.iter().take(MAX_EFFECTS) {
        let (class, text) = match effect {
            Effect::Opens { block, kind } => ("opens", format!("[ block {block} opens: {kind}")),
            Effect::Closes { block } => ("closes", format!("] block {block} closes")),
            Effect::Gives { chunk, block, detail } => {
                let block = block.map(|block| format!(", block {block}")).unwrap_or_default();
                let colon = if detail.is_empty() { "" } else { ": " };
                ("gives", format!("→ {chunk}{block}{colon}{detail}"))
            }
            Effect::Spoiled(why) => ("spoiled", format!("spoiled: {why}")),
            Effect::Fails(why) => ("fails", format!("the end: {why}")),
            Effect::Nothing(why) => ("faint", why.clone()),
        };
        out += &format!("<div class=\"{class}\">{}</div>", escaped(&text, MAX_TEXT));
    }
    out + "</tr>\n"
}

fn details(row: &Row<'_>) -> String {
    let mut out = format!(
        "<div class=\"faint\">{} bytes: headers {}, payload {}<br>checksums <code>{:08x}</code> and \
         <code>{:08x}</code>, both right</div><table class=\"headers\">",
        grouped(row.total as u64),
        grouped(row.headers_len as u64),
        grouped(row.payload_len as u64),
        row.prelude_checksum,
        row.message_checksum
    );
    for header in row.headers().take(MAX_HEADERS) {
        out += &format!(
            "<tr><td class=\"mono\">{}<td class=\"faint\">{}<td class=\"mono\">{}</tr>",
            escaped(&header.name, 300),
            header.kind,
            escaped(&header.value, 300)
        );
    }
    if row.header_count > MAX_HEADERS {
        out += &format!("<tr><td colspan=\"3\">… {} more</tr>", row.header_count - MAX_HEADERS);
    }
    out + "</table>"
}

fn payload(payload: &Payload) -> String {
    match payload {
        Payload::Empty => "<span class=\"faint\">none</span>".to_owned(),
        Payload::Json { text, inner, padding } => {
            let inner = inner
                .as_ref()
                .map(|inner| format!("<div class=\"faint\">in its bytes:</div>{}", json(inner)));
            let padding = match padding {
                0 => String::new(),
                padding => {
                    let plural = if *padding == 1 { "" } else { "s" };
                    format!("<div class=\"faint\">+ {padding} byte{plural} of padding <code>p</code></div>")
                }
            };
            json(text) + &padding + &inner.unwrap_or_default()
        }
        Payload::Text(text) => format!("<pre>{}</pre>", escaped(text, MAX_TEXT)),
        Payload::Binary(bytes) => {
            let lines = hex::dump(0, &bytes[..bytes.len().min(MAX_BINARY)], COLUMNS);
            let more = if bytes.len() > MAX_BINARY { "\n…" } else { "" };
            format!(
                "<pre>{}{more}</pre>",
                lines.iter().map(|line| escaped(line, 100)).collect::<Vec<_>>().join("\n")
            )
        }
    }
}

/// Short JSON as it is, longer JSON behind its start.
fn json(text: &str) -> String {
    let short = compact(text);
    if short.chars().count() <= SHORT {
        return format!("<pre>{}</pre>", escaped(&short, SHORT));
    }
    let lines: Vec<String> =
        indented(text, MAX_JSON_LINES).iter().map(|line| escaped(line, MAX_TEXT)).collect();
    format!(
        "<details><summary class=\"mono\">{}</summary><pre>{}</pre></details>",
        escaped(&short, SHORT),
        lines.join("\n")
    )
}

fn damage(damage: &Damage) -> String {
    let offset = damage.error.offset();
    let mut out = format!(
        "<section class=\"damage\">\n<h2>{}</h2>\n<p>{}</p>\n",
        damage.title(),
        prose(&damage.error.to_string())
    );
    if !damage.findings.is_empty() {
        out += "<ul>\n";
        for finding in &damage.findings {
            out += &format!("<li>{}</li>\n", prose(&finding.to_string()));
        }
        out += "</ul>\n";
    }
    let before = ((offset - damage.around_from) as usize).min(damage.around.len());
    let (before, after) = damage.around.split_at(before);
    out += "<pre>";
    for line in hex::dump(damage.around_from, before, COLUMNS) {
        out += &format!("<span class=\"faint\">{}</span>\n", escaped(&line, 100));
    }
    for (number, line) in hex::dump(offset, after, COLUMNS).iter().enumerate() {
        let class = if number == 0 { " class=\"at\"" } else { "" };
        out += &format!("<span{class}>{}</span>\n", escaped(line, 100));
    }
    out += "</pre>\n";
    out += &damage.flip.as_ref().map(flip).unwrap_or_default();
    out + "</section>\n"
}

fn flip(flip: &Flip) -> String {
    let mut out = format!("<p>{}</p>\n<pre>", flip.title());
    let (marked, column) = hex::digits(flip.around_from, flip.at, COLUMNS);
    for (number, line) in hex::dump(flip.around_from, &flip.around, COLUMNS).iter().enumerate() {
        let part = |text: &str| escaped(text, 100);
        out += &if number == marked {
            let (before, rest) = line.split_at(column);
            let (byte, after) = rest.split_at(2);
            format!("{}<mark>{byte}</mark>{}\n", part(before), part(after))
        } else {
            format!("<span class=\"faint\">{}</span>\n", part(line))
        };
    }
    out + "</pre>\n"
}

const STYLE: &str = include_str!("page.css");
const MAX_ROWS: usize = 5_000;
/// Of all rows, in bytes.
const MAX_LEN: usize = 32 * 1024 * 1024;
/// Characters of one text.
const MAX_TEXT: usize = 4_000;
const MAX_HEADERS: usize = 40;
const MAX_EFFECTS: usize = 40;
const MAX_JSON_LINES: usize = 200;
const MAX_BINARY: usize = 256;
/// Of a line of bytes: as wide as it gets.
const COLUMNS: usize = usize::MAX;
/// Characters of JSON that need no fold.
const SHORT: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let hostile = "</script><script>alert('1')</script>\" onload=\"x & \u{1b}]0;\u{202e}";
        let safe = escaped(hostile, 1_000);
        assert!(!safe.contains(['<', '>', '"', '\'', '\u{1b}', '\u{202e}']), "{safe}");
        assert!(safe.contains("&lt;/script&gt;") && safe.contains("x &amp; \\u{1b}"), "{safe}");
        assert_eq!(escaped("äöü", 2), "äö…");
    }

    #[test]
    fn code_is_marked_and_stays_text() {
        assert_eq!(
            prose("`messageStop` and `<b>` came"),
            "<code>messageStop</code> and <code>&lt;b&gt;</code> came"
        );
        assert_eq!(prose("one ` alone"), "one ` alone");
    }

    #[test]
    fn the_style_needs_nothing_from_elsewhere() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains("</"));
    }
}
