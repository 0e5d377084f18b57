use std::fmt::Write as _;
use std::time::Duration;

use super::page::escaped;
use super::row::Row;
use super::summary::Summary;
use crate::output::{grouped, readable};

/// Messages and blocks along a line: of time where it is known, else of bytes.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    ticks: Vec<Tick>,
}

#[derive(Debug)]
struct Tick {
    number: u64,
    /// For an attribute.
    name: String,
    is_error: bool,
    offset: u64,
    end: u64,
    at: Option<Duration>,
    gap: Duration,
}

/// The line that everything is placed along: from 0 to here.
#[derive(Clone, Copy)]
enum Scale {
    Time(f64),
    Bytes(f64),
}

impl Timeline {
    pub(crate) fn push(&mut self, row: &Row<'_>) {
        self.ticks.push(Tick {
            number: row.number,
            name: escaped(&row.name, 100),
            is_error: row.is_error,
            offset: row.offset,
            end: row.offset + row.total as u64,
            at: row.arrival.map(|arrival| arrival.at),
            gap: row.arrival.map_or(Duration::ZERO, |arrival| arrival.gap),
        });
    }

    /// The timeline as HTML; nothing of a stream without messages.
    pub(crate) fn html(&self, summary: &Summary) -> String {
        let Some(last) = self.ticks.last() else { return String::new() };
        let scale = match last.at {
            Some(at) if !at.is_zero() => Scale::Time(at.as_secs_f64()),
            _ => Scale::Bytes(last.end as f64),
        };
        let mut out = String::from("<section class=\"timeline\">\n<h2>Timeline</h2>\n");
        // A `String` takes everything.
        let _ = write!(
            out,
            "<p class=\"unit\">{}</p>\n<div class=\"axis\">",
            match scale {
                Scale::Time(_) => "in time since the request was sent",
                Scale::Bytes(_) => "in bytes: no arrival times were recorded",
            }
        );
        for part in 0..=4 {
            let label = scale.label(f64::from(part) / 4.0);
            let _ = write!(out, "<span style=\"left:{}%\">{label}</span>", part * 25);
        }
        out += "</div>\n";
        self.messages(scale, &mut out);
        if let Scale::Time(_) = scale {
            self.gaps(scale, &mut out);
        }
        for block in summary.blocks.iter().take(MAX_LANES) {
            let ends = [block.first, block.last].map(|number| self.tick(number));
            let [Some(first), Some(last)] = ends else { continue };
            let (from, to) = match scale {
                Scale::Time(_) => (scale.place(first), scale.place(last)),
                Scale::Bytes(end) => (percent(first.offset as f64 / end), scale.place(last)),
            };
            // One that never closed was open to the end.
            let to = if block.is_closed { to } else { 100.0 };
            let title = format!("block {}: {}, #{} to #{}", block.index, block.kind, block.first, block.last);
            let class = if block.is_closed { block.kind.replace(' ', "-") } else { "open".to_owned() };
            let label = format!("block {} <small>{}</small>", block.index, block.kind);
            lane(&label, &bar(&class, from, to, &title), &mut out);
        }
        if summary.blocks.len() > MAX_LANES || summary.unlisted_blocks > 0 {
            out += "<p class=\"unit\">More blocks than these came.</p>\n";
        }
        out + "</section>\n"
    }

    fn messages(&self, scale: Scale, out: &mut String) {
        let mut ticks = String::new();
        for tick in &self.ticks {
            let class = if tick.is_error { "tick error" } else { "tick" };
            let _ = write!(
                ticks,
                "<a class=\"{class}\" href=\"#m{}\" style=\"left:{:.3}%\" title=\"#{} {}\"></a>",
                tick.number,
                scale.place(tick),
                tick.number,
                tick.name
            );
        }
        lane("messages", &ticks, out);
    }

    /// The longest waits, if they are long beside the whole.
    fn gaps(&self, scale: Scale, out: &mut String) {
        let Scale::Time(end) = scale else { return };
        let mut gaps: Vec<&Tick> =
            self.ticks.iter().filter(|tick| tick.gap.as_secs_f64() > end / 20.0).collect();
        gaps.sort_by_key(|tick| std::cmp::Reverse(tick.gap));
        let mut bars = String::new();
        for tick in gaps.iter().take(MAX_GAPS) {
            let to = scale.place(tick);
            let from = percent((tick.at.unwrap_or_default() - tick.gap).as_secs_f64() / end);
            bars += &bar("gap", from, to, &format!("{} before #{}", readable(tick.gap), tick.number));
        }
        let longest = self.ticks.iter().map(|tick| tick.gap).max().unwrap_or_default();
        lane(&format!("gaps <small>up to {}</small>", readable(longest)), &bars, out);
    }

    fn tick(&self, number: u64) -> Option<&Tick> {
        self.ticks.get(usize::try_from(number).ok()?)
    }
}

impl Scale {
    /// Where a message became whole, in percent.
    fn place(self, tick: &Tick) -> f64 {
        percent(match self {
            Self::Time(end) => tick.at.unwrap_or_default().as_secs_f64() / end,
            Self::Bytes(end) => tick.end as f64 / end,
        })
    }

    fn label(self, part: f64) -> String {
        match self {
            _ if part == 0.0 => "0".to_owned(),
            Self::Time(end) => readable(Duration::try_from_secs_f64(end * part).unwrap_or_default()),
            Self::Bytes(end) => grouped((end * part) as u64),
        }
    }
}

fn lane(label: &str, content: &str, out: &mut String) {
    *out += &format!(
        "<div class=\"lane\"><span class=\"label\">{label}</span><div class=\"track\">{content}</div></div>\n"
    );
}

fn bar(class: &str, from: f64, to: f64, title: &str) -> String {
    let width = (to - from).max(0.3);
    format!(
        "<span class=\"bar {class}\" style=\"left:{from:.3}%;width:{width:.3}%\" title=\"{}\"></span>",
        escaped(title, 200)
    )
}

fn percent(part: f64) -> f64 {
    (part * 100.0).clamp(0.0, 100.0)
}

const MAX_LANES: usize = 60;
const MAX_GAPS: usize = 200;
