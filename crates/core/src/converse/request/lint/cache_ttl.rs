//! How long what the cache points mark may live: what lives longest must come first.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use super::finding::Reason;
use super::linter::Linter;
use crate::converse::request::body::Request;
use crate::converse::request::cache_point::CachePointBlock;
use crate::converse::request::cache_point::CacheTtl;
use crate::converse::request::content_block::ContentBlock;
use crate::converse::request::system_block::SystemBlock;
use crate::converse::request::tool_config::Tool;

/// Goes through the cache points in the order in which Bedrock reads a request: tools, system, messages.
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

/// `first_short` is where the first one that lives for five minutes stands. A time that this version does not know is
/// Bedrock's to judge.
fn cache_point(linter: &mut Linter, point: &CachePointBlock, first_short: &mut Option<String>) {
    linter.member("cachePoint", |linter| match (&point.ttl, &*first_short) {
        (None | Some(CacheTtl::FiveMinutes), None) => *first_short = Some(linter.path().to_owned()),
        (Some(CacheTtl::OneHour), Some(after)) => {
            let reason = Reason::LongerCacheTtl { after: after.clone() };
            linter.member("ttl", |linter| linter.find(reason));
        }
        _ => {}
    });
}
