//! The time to live of cache points: the longest must come first.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use super::constraint_violation::Constraint;
use super::linter::Linter;
use crate::content::{CachePointBlock, CacheTtl, ContentBlock};
use crate::converse::request::{Request, SystemBlock, Tool};

/// Checks the cache points in the order in which Bedrock reads a request: tools, system, messages.
pub(super) fn check(linter: &mut Linter, request: &Request) {
    let mut first_short = None;
    if let Some(config) = &request.tool_config {
        linter.member("toolConfig", |linter| {
            linter.member("tools", |linter| {
                linter.items(&config.tools, |linter, tool| {
                    for member in tool.members() {
                        if let Tool::CachePoint(point) = member {
                            cache_point(linter, point, &mut first_short);
                        }
                    }
                });
            });
        });
    }
    if let Some(system) = &request.system {
        linter.member("system", |linter| {
            linter.items(system, |linter, block| {
                for member in block.members() {
                    if let SystemBlock::CachePoint(point) = member {
                        cache_point(linter, point, &mut first_short);
                    }
                }
            });
        });
    }
    if let Some(messages) = &request.messages {
        linter.member("messages", |linter| {
            linter.items(messages, |linter, message| {
                linter.member("content", |linter| {
                    linter.items(&message.content, |linter, block| {
                        for member in block.members() {
                            if let ContentBlock::CachePoint(point) = member {
                                cache_point(linter, point, &mut first_short);
                            }
                        }
                    });
                });
            });
        });
    }
}

/// `first_short` is the path of the first cache point with a time to live of five minutes. An unknown time to live is
/// left to Bedrock.
fn cache_point(linter: &mut Linter, point: &CachePointBlock, first_short: &mut Option<String>) {
    linter.member("cachePoint", |linter| match (&point.ttl, &*first_short) {
        (None | Some(CacheTtl::FiveMinutes), None) => *first_short = Some(linter.path().to_owned()),
        (Some(CacheTtl::OneHour), Some(after)) => {
            let reason = Constraint::LongerCacheTtl { after: after.clone() };
            linter.member("ttl", |linter| linter.find(reason));
        }
        _ => {}
    });
}
