use std::collections::HashSet;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};

use bedrock_stream_testkit::{Fault, ReceivedRequest, SentResponse};
use clap::ValueEnum;
use serde::Deserialize;

use crate::output::Printable;

/// What `serve` logs about requests, on standard error.
#[derive(Debug)]
pub(crate) struct AccessLog {
    logs_requests: bool,
    warned_faults: Mutex<HashSet<Fault>>,
    warned_members: Mutex<HashSet<String>>,
    warned_models: Mutex<HashSet<String>>,
}

/// When requests are logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogChoice {
    // Otherwise it may be a pipe that nobody reads, which would block `serve`.
    /// If standard error is a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl LogChoice {
    /// Whether requests are logged.
    pub(crate) fn is_on(self) -> bool {
        match self {
            Self::Auto => io::stderr().is_terminal(),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

impl AccessLog {
    pub(crate) fn new(choice: LogChoice) -> Self {
        Self {
            logs_requests: choice.is_on(),
            warned_faults: Mutex::default(),
            warned_members: Mutex::default(),
            warned_models: Mutex::default(),
        }
    }

    /// Logs the request, and warns once about each fault that found nothing to change, each model whose format has no place
    /// for a tool call, and each member that Bedrock does not know.
    pub(crate) fn write(&self, request: &ReceivedRequest, response: &SentResponse) {
        let mut text = String::new();
        if self.logs_requests {
            text += &line(request, response);
        }
        for fault in &response.unapplied_faults {
            // Nothing can panic while it is locked.
            if self.warned_faults.lock().unwrap_or_else(PoisonError::into_inner).insert(*fault) {
                let model = request.model_id.as_deref().unwrap_or_default();
                text += &format!(
                    "warning: the fault {fault} finds nothing to change in an answer of {model:?}\n"
                );
            }
        }
        if response.lost_tool_calls > 0 {
            let model = request.model_id.as_deref().unwrap_or_default();
            let mut warned = self.warned_models.lock().unwrap_or_else(PoisonError::into_inner);
            if warned.len() < MAX_WARNINGS && warned.insert(model.to_owned()) {
                text += &format!(
                    "warning: the format of {model:?} has no tool calls: {} of the reply are left out\n",
                    response.lost_tool_calls
                );
            }
        }
        for member in &response.unknown_members {
            let mut warned = self.warned_members.lock().unwrap_or_else(PoisonError::into_inner);
            if warned.len() < MAX_WARNINGS && warned.insert(member.clone()) {
                text += &format!("warning: Bedrock does not know the request member {member:?}\n");
            }
        }
        // If standard error is closed, nobody reads it.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

fn line(request: &ReceivedRequest, response: &SentResponse) -> String {
    // Without the query, which holds the signature of a presigned request.
    let (method, path) = (&request.method, Printable::Sentence(request.uri.path()));
    match (response.status, &response.refusal) {
        (None, _) => format!("{method} {path} no response\n"),
        (Some(status), None) => format!("{method} {path} {}\n", status.as_str()),
        (Some(status), Some(code)) => format!("{method} {path} {} {code}\n", status.as_str()),
    }
}

/// A limit, since clients may make up any number of names.
const MAX_WARNINGS: usize = 100;
