//! Rules for the messages: that roles alternate, and that results match tool calls.

use alloc::collections::{BTreeMap, BTreeSet};

use super::constraint_violation::Constraint;
use super::content;
use super::linter::Linter;
use crate::content::{ContentBlock, Message, Role};
use crate::converse::request::Request;

pub(super) fn check(linter: &mut Linter, request: &Request) {
    let Some(messages) = &request.messages else { return };
    linter.member("messages", |linter| {
        linter.items(messages, message);
        // The prompt's own messages precede these and are unknown here.
        if request.prompt_variables.is_none() {
            roles(linter, messages);
        }
        tool_calls(linter, messages);
        document_names(linter, messages);
    });
    if request.tool_config.is_none() && messages.iter().any(calls_tools) {
        linter.member("toolConfig", |linter| linter.find(Constraint::ToolConfigMissing));
    }
}

fn message(linter: &mut Linter, message: &Message) {
    linter.member("role", |linter| linter.find_if(message.role.as_str().is_empty(), Constraint::Missing));
    linter.member("content", |linter| {
        linter.find_if(message.content.is_empty(), Constraint::Empty);
        linter.items(&message.content, content::block);
        let has_document = blocks(message).any(|(_, block)| matches!(block, ContentBlock::Document(_)));
        // An unknown block may contain text.
        let has_text = blocks(message).any(|(_, block)| {
            matches!(block, ContentBlock::Text(_) | ContentBlock::GuardContent(_) | ContentBlock::Unknown(_))
        });
        linter.find_if(has_document && !has_text, Constraint::DocumentWithoutText);
    });
    ids(linter, message);
}

/// The first message is the user's; then assistant and user alternate. System messages do not count.
fn roles(linter: &mut Linter, messages: &[Message]) {
    let mut before = None;
    for (index, message) in messages.iter().enumerate() {
        if message.role == Role::System {
            continue;
        }
        let wrong = match (before, &message.role) {
            (None, Role::Assistant) => Some(Constraint::FirstNotUser),
            (Some(&Role::User), Role::User) | (Some(&Role::Assistant), Role::Assistant) => {
                Some(Constraint::RoleRepeated)
            }
            _ => None,
        };
        if let Some(reason) = wrong {
            linter.item(index, |linter| linter.member("role", |linter| linter.find(reason)));
        }
        before = Some(&message.role);
    }
}

/// The calls of a message have distinct ids, and so do its results.
fn ids(linter: &mut Linter, message: &Message) {
    let mut firsts = BTreeMap::new();
    linter.member("content", |linter| {
        for (index, block) in blocks(message) {
            let (kind, id) = match block {
                ContentBlock::ToolUse(tool_use) => ("toolUse", &tool_use.tool_use_id),
                ContentBlock::ToolResult(result) => ("toolResult", &result.tool_use_id),
                _ => continue,
            };
            let first = *firsts.entry((kind, id)).or_insert(index);
            linter.item(index, |linter| {
                linter.member(kind, |linter| {
                    linter.member("toolUseId", |linter| {
                        linter.find_if(first != index, Constraint::DuplicateId { first });
                    });
                });
            });
        }
    });
}

/// Each tool result answers a call of the previous message, and each call has one.
fn tool_calls(linter: &mut Linter, messages: &[Message]) {
    let turns = messages.iter().enumerate().filter(|(_, message)| message.role != Role::System);
    let mut before: Option<(usize, &Message)> = None;
    for (index, message) in turns {
        if message.role == Role::User {
            answers(linter, before.map(|(_, message)| message), index, message);
            if let Some((index, before)) = before {
                unanswered(linter, index, before, message);
            }
        }
        before = Some((index, message));
    }
    // Nothing follows the last message, so its calls have no results.
    if let Some((index, message)) = before.filter(|(_, message)| message.role == Role::Assistant) {
        unanswered(linter, index, message, &Message::default());
    }
}

fn answers(linter: &mut Linter, before: Option<&Message>, index: usize, message: &Message) {
    let known: BTreeSet<_> = before
        .into_iter()
        .chain([message])
        .flat_map(blocks)
        .filter_map(|(_, block)| match block {
            ContentBlock::ToolUse(tool_use) => Some(&tool_use.tool_use_id),
            _ => None,
        })
        .collect();
    for (block_index, block) in blocks(message) {
        if let ContentBlock::ToolResult(result) = block {
            if !known.contains(&result.tool_use_id) {
                at_id(linter, index, block_index, "toolResult", Constraint::AnswersNoToolUse);
            }
        }
    }
}

fn unanswered(linter: &mut Linter, index: usize, message: &Message, next: &Message) {
    let answered: BTreeSet<_> = blocks(message)
        .chain(blocks(next))
        .filter_map(|(_, block)| match block {
            ContentBlock::ToolResult(result) => Some(&result.tool_use_id),
            _ => None,
        })
        .collect();
    for (block_index, block) in blocks(message) {
        if let ContentBlock::ToolUse(tool_use) = block {
            if !tool_use.runs_at_bedrock() && !answered.contains(&tool_use.tool_use_id) {
                at_id(linter, index, block_index, "toolUse", Constraint::Unanswered);
            }
        }
    }
}

fn at_id(linter: &mut Linter, message: usize, block: usize, kind: &str, reason: Constraint) {
    linter.item(message, |linter| {
        linter.member("content", |linter| {
            linter.item(block, |linter| {
                linter.member(kind, |linter| linter.member("toolUseId", |linter| linter.find(reason)));
            });
        });
    });
}

fn document_names(linter: &mut Linter, messages: &[Message]) {
    let mut names = BTreeSet::new();
    for (index, message) in messages.iter().enumerate() {
        for (block_index, block) in blocks(message) {
            let ContentBlock::Document(document) = block else { continue };
            if names.insert(&*document.name) {
                continue;
            }
            linter.item(index, |linter| {
                linter.member("content", |linter| {
                    linter.item(block_index, |linter| {
                        linter.member("document", |linter| {
                            linter.member("name", |linter| linter.find(Constraint::DuplicateDocumentName));
                        });
                    });
                });
            });
        }
    }
}

/// Whether a message has tool calls for the caller, or results of such calls.
fn calls_tools(message: &Message) -> bool {
    blocks(message).any(|(_, block)| match block {
        ContentBlock::ToolUse(tool_use) => !tool_use.runs_at_bedrock(),
        ContentBlock::ToolResult(_) => message.role == Role::User,
        _ => false,
    })
}

/// A message's blocks, each with its index. A block with several members yields each of them.
fn blocks(message: &Message) -> impl Iterator<Item = (usize, &ContentBlock)> {
    let members =
        |(index, block): (usize, _)| ContentBlock::members(block).iter().map(move |member| (index, member));
    message.content.iter().enumerate().flat_map(members)
}
