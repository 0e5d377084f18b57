use std::time::Duration;

use maud::{Markup, html};

use super::blocks::BlockSpan;
use super::row::Row;
use super::summary::Summary;
use super::text::shown;
use crate::output::{format_count, format_duration};

/// Messages and blocks on a line: of time if known, otherwise of bytes.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    ticks: Vec<Tick>,
}

#[derive(Debug)]
struct Tick {
    number: u64,
    name: String,
    is_error: bool,
    offset: u64,
    end: u64,
    at: Option<Duration>,
    gap: Duration,
}

/// The length of the line.
#[derive(Clone, Copy)]
enum Scale {
    Time(f64),
    Bytes(f64),
}

impl Timeline {
    pub(crate) fn push(&mut self, row: &Row<'_>) {
        self.ticks.push(Tick {
            number: row.number,
            name: shown(&row.name, 100),
            is_error: row.is_error,
            offset: row.offset,
            end: row.offset + row.total as u64,
            at: row.arrival.map(|arrival| arrival.at),
            gap: row.arrival.map_or(Duration::ZERO, |arrival| arrival.gap),
        });
    }

    /// The timeline as HTML; empty for a stream without messages.
    pub(crate) fn html(&self, summary: &Summary) -> Markup {
        let Some(last) = self.ticks.last() else { return html! {} };
        let scale = match last.at {
            Some(at) if !at.is_zero() => Scale::Time(at.as_secs_f64()),
            _ => Scale::Bytes(last.end as f64),
        };
        let unit = match scale {
            Scale::Time(_) => "in time since the request was sent",
            Scale::Bytes(_) => "in bytes: no arrival times were recorded",
        };
        html! {
            section.timeline {
                h2 { "Timeline" }
                p.unit { (unit) }
                div.axis {
                    @for part in 0..=4_u8 {
                        span style={ "left:" (part * 25) "%" } { (scale.label(f64::from(part) / 4.0)) }
                    }
                }
                (self.messages(scale, summary.units()))
                @if let Scale::Time(end) = scale { (self.gaps(scale, end)) }
                @for block in summary.blocks.iter().take(MAX_LANES) { (self.block(scale, block)) }
                @if summary.blocks.len() > MAX_LANES || summary.unlisted_blocks > 0 {
                    p.unit { "More blocks are not shown." }
                }
            }
        }
    }

    fn messages(&self, scale: Scale, units: &str) -> Markup {
        let ticks = html! {
            @for tick in &self.ticks {
                a.tick.error[tick.is_error] href={ "#m" (tick.number) }
                    style={ "left:" (format_args!("{:.3}", scale.place(tick))) "%" }
                    title={ "#" (tick.number) " " (tick.name) } {}
            }
        };
        lane(&html! { (units) }, &ticks)
    }

    /// The longest gaps, if they are long in relation to the whole.
    fn gaps(&self, scale: Scale, end: f64) -> Markup {
        let mut gaps: Vec<&Tick> =
            self.ticks.iter().filter(|tick| tick.gap.as_secs_f64() > end / 20.0).collect();
        gaps.sort_by_key(|tick| std::cmp::Reverse(tick.gap));
        let from = |tick: &Tick| percent((tick.at.unwrap_or_default() - tick.gap).as_secs_f64() / end);
        let title = |tick: &Tick| format!("{} before #{}", format_duration(tick.gap), tick.number);
        let bars = html! {
            @for tick in gaps.iter().take(MAX_GAPS) {
                (bar("gap", from(tick), scale.place(tick), &title(tick)))
            }
        };
        let longest = self.ticks.iter().map(|tick| tick.gap).max().unwrap_or_default();
        lane(&html! { "gaps " small { "up to " (format_duration(longest)) } }, &bars)
    }

    fn block(&self, scale: Scale, block: &BlockSpan) -> Markup {
        let ends = [block.first, block.last].map(|number| self.tick(number));
        let [Some(first), Some(last)] = ends else { return html! {} };
        let (from, to) = match scale {
            Scale::Time(_) => (scale.place(first), scale.place(last)),
            Scale::Bytes(end) => (percent(first.offset as f64 / end), scale.place(last)),
        };
        // A block that was never closed was open to the end.
        let to = if block.is_closed { to } else { 100.0 };
        let title = format!("block {}: {}, #{} to #{}", block.index, block.kind, block.first, block.last);
        let class = if block.is_closed { block.kind.replace(' ', "-") } else { "open".to_owned() };
        let label = html! { "block " (block.index) " " small { (block.kind) } };
        lane(&label, &bar(&class, from, to, &title))
    }

    fn tick(&self, number: u64) -> Option<&Tick> {
        self.ticks.get(usize::try_from(number).ok()?)
    }
}

impl Scale {
    /// Where a message became complete, in percent.
    fn place(self, tick: &Tick) -> f64 {
        percent(match self {
            Self::Time(end) => tick.at.unwrap_or_default().as_secs_f64() / end,
            Self::Bytes(end) => tick.end as f64 / end,
        })
    }

    fn label(self, part: f64) -> String {
        match self {
            _ if part == 0.0 => "0".to_owned(),
            Self::Time(end) => format_duration(Duration::try_from_secs_f64(end * part).unwrap_or_default()),
            Self::Bytes(end) => format_count((end * part) as u64),
        }
    }
}

fn lane(label: &Markup, content: &Markup) -> Markup {
    html! {
        div.lane {
            span.label { (label) }
            div.track { (content) }
        }
    }
}

fn bar(class: &str, from: f64, to: f64, title: &str) -> Markup {
    let style = format!("left:{from:.3}%;width:{:.3}%", (to - from).max(0.3));
    html! { span class={ "bar " (class) } style=(style) title=(shown(title, 200)) {} }
}

fn percent(part: f64) -> f64 {
    (part * 100.0).clamp(0.0, 100.0)
}

const MAX_LANES: usize = 60;
const MAX_GAPS: usize = 200;
