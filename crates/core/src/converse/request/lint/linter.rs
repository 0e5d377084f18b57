use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::constraint_violation::{Constraint, ConstraintViolation};

/// Walks a request: the current path, and the violations found.
#[derive(Debug, Default)]
pub(super) struct Linter {
    path: String,
    findings: Vec<ConstraintViolation>,
}

impl Linter {
    /// Visits a member.
    pub(super) fn member(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        let start = self.path.len();
        if start > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        check(self);
        self.path.truncate(start);
    }

    /// Visits an item of a list.
    pub(super) fn item(&mut self, index: usize, check: impl FnOnce(&mut Self)) {
        let start = self.path.len();
        // Writing to a `String` cannot fail.
        let _ = write!(self.path, "[{index}]");
        check(self);
        self.path.truncate(start);
    }

    /// Visits each item of a list.
    pub(super) fn items<'t, T>(&mut self, items: &'t [T], mut check: impl FnMut(&mut Self, &'t T)) {
        for (index, item) in items.iter().enumerate() {
            self.item(index, |linter| check(linter, item));
        }
    }

    /// Visits the members of a union, which must have exactly one.
    pub(super) fn union<'t, T>(&mut self, members: &'t [T], mut check: impl FnMut(&mut Self, &'t T)) {
        if members.len() != 1 {
            self.find(Constraint::NotOneMember { members: members.len() });
        }
        for member in members {
            check(self, member);
        }
    }

    /// The current path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Reports a violation here.
    pub(super) fn find(&mut self, reason: Constraint) {
        self.findings.push(ConstraintViolation { path: self.path.clone(), reason });
    }

    /// Reports a violation here if `wrong`.
    pub(super) fn find_if(&mut self, wrong: bool, reason: Constraint) {
        if wrong {
            self.find(reason);
        }
    }

    /// A text of at least one character, and at most `max`.
    pub(super) fn length(&mut self, text: &str, max: usize) {
        self.find_if(text.is_empty(), Constraint::Empty);
        self.max_length(text, max);
    }

    /// A text of at most `max` characters.
    pub(super) fn max_length(&mut self, text: &str, max: usize) {
        // A character has at least one byte, so most texts need no count.
        if text.len() > max {
            let length = text.chars().count();
            self.find_if(length > max, Constraint::TooLong { length, max });
        }
    }

    /// A text of only allowed characters.
    pub(super) fn characters(&mut self, text: &str, is_allowed: fn(char) -> bool, allowed: &'static str) {
        if let Some(character) = text.chars().find(|&c| !is_allowed(c)) {
            self.find(Constraint::Character { character, allowed });
        }
    }

    /// A tool's name.
    pub(super) fn tool_name(&mut self, name: &str) {
        self.length(name, 64);
        self.characters(
            name,
            |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'),
            "ASCII letters, digits, `_` and `-`",
        );
    }

    /// A tool call's id.
    pub(super) fn tool_use_id(&mut self, id: &str) {
        self.length(id, 64);
        self.characters(
            id,
            |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-'),
            "ASCII letters, digits, `_`, `.`, `:` and `-`",
        );
    }

    pub(super) fn into_violations(self) -> Vec<ConstraintViolation> {
        self.findings
    }
}
