use std::sync::Arc;
use std::time::Instant;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::Done;
use bedrock_stream_dialects::encode::{Failure, LeftOutContent};
use bedrock_stream_dialects::request::RequestError;
use bedrock_stream_http::SecretMask;
use http::StatusCode;
use http::request::Parts;
use tokio::sync::OwnedSemaphorePermit;

use crate::access::{Access, Verdict};
use crate::cut::cut;
use crate::left_out::LeftOut;
use crate::metrics::left_out_kinds;
use crate::route::Route;
use crate::state::State;

/// Follows a request until its answer has ended: when this is dropped, it is logged and counted. Whoever drops it without a
/// verdict was cancelled by the client.
#[derive(Debug)]
pub(crate) struct Watch {
    state: Arc<State>,
    route: &'static str,
    /// Whether it is for a model's answer.
    is_answer: bool,
    started: Instant,
    access: Access,
    /// Hides the gateway's own credentials.
    mask: SecretMask,
    /// Its place among the answers that may be open at once.
    permit: Option<OwnedSemaphorePermit>,
}

impl Watch {
    pub(crate) fn new(state: Arc<State>, route: &Route, parts: &Parts, request_id: String) -> Self {
        let access = Access {
            method: parts.method.clone(),
            path: cut(parts.uri.path()).into_owned(),
            key: None,
            model: None,
            status: None,
            verdict: Verdict::Cancelled,
            message: None,
            request_id,
            aws_request_id: None,
            duration: std::time::Duration::ZERO,
            usage: None,
            stop_reason: None,
            left_out_members: Vec::new(),
            left_out_more: 0,
            left_out_content: Vec::new(),
        };
        let is_answer = route.is_answer();
        let (route, started, mask) = (route.name(), Instant::now(), SecretMask::default());
        Self { state, route, is_answer, started, access, mask, permit: None }
    }

    /// The client has the key of this name.
    pub(crate) fn key(&mut self, name: &str) {
        self.access.key = Some(name.to_owned());
    }

    pub(crate) fn aws_request_id(&self) -> Option<&str> {
        self.access.aws_request_id.as_deref()
    }

    /// The id that an error names: AWS's, if it is known.
    pub(crate) fn error_id(&self) -> &str {
        self.aws_request_id().unwrap_or(&self.access.request_id)
    }

    /// What the head of a response says of its request: AWS's id, and the members that were left out.
    pub(crate) fn about(&self) -> (Option<String>, LeftOut) {
        let left_out =
            LeftOut { names: self.access.left_out_members.clone(), more: self.access.left_out_more };
        (self.access.aws_request_id.clone(), left_out)
    }

    pub(crate) fn opened(&mut self, permit: OwnedSemaphorePermit) {
        self.permit = Some(permit);
        self.state.metrics.open.inc();
    }

    pub(crate) fn asked(&mut self, model: &str, left_out: LeftOut) {
        self.access.model = Some(model.to_owned());
        self.access.left_out_members = left_out.names;
        self.access.left_out_more = left_out.more;
    }

    /// What Bedrock sends from here on is an answer to a request with these credentials.
    pub(crate) fn hides(&mut self, mask: SecretMask) {
        self.mask = mask;
    }

    pub(crate) fn aws_id(&mut self, id: Option<&str>) {
        if let Some(id) = id {
            self.access.aws_request_id = Some(self.mask.mask(id).into_owned());
        }
    }

    pub(crate) fn status(&mut self, status: StatusCode) {
        self.access.status = Some(status);
    }

    pub(crate) fn first_content(&self) {
        self.state.metrics.first_content(self.started.elapsed());
    }

    /// What the end of an answer says of it, which may not be complete for all that.
    pub(crate) fn done(&mut self, done: &Done) {
        self.access.usage = done.usage.clone();
        let stop_reason = &done.stop_reason;
        self.access.stop_reason = (!stop_reason.as_str().is_empty()).then(|| stop_reason.clone());
    }

    pub(crate) fn left_out(&mut self, left_out: &LeftOutContent) {
        self.state.metrics.left_out(self.route, left_out);
        self.access.left_out_content = left_out_kinds(left_out).map(|(kind, _)| kind).collect();
    }

    pub(crate) fn complete(&mut self) {
        self.access.verdict = Verdict::Complete;
    }

    /// The whole answer was not handed over to its end.
    pub(crate) fn unsent(&mut self) {
        if self.access.verdict == Verdict::Complete {
            self.access.verdict = Verdict::Cancelled;
        }
    }

    pub(crate) fn answered(&mut self) {
        self.access.verdict = Verdict::Answered;
    }

    /// The client may not ask: its request is no answer that could end.
    pub(crate) const fn forbidden(&mut self) {
        self.is_answer = false;
    }

    /// The request cannot be converted.
    pub(crate) fn refused(&mut self, error: &RequestError) {
        self.failed(&Failure::new(ErrorKind::Input, error.to_string()));
    }

    /// The first failure counts.
    pub(crate) fn failed(&mut self, failure: &Failure) {
        if self.access.verdict == Verdict::Cancelled {
            self.access.verdict = Verdict::Failed(failure.kind());
            // Bedrock's words may quote the request, but hardly where it refuses access or is overloaded, and there operators need them.
            let is_needed = failure.kind() == ErrorKind::Refusal
                && (failure.is_unknown_model() || matches!(failure.http_status(), 403 | 404 | 429 | 503));
            let message = if is_needed { failure.message() } else { failure.summary() };
            self.access.message = Some(self.mask.mask(message).into_owned());
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.access.duration = self.started.elapsed();
        let metrics = &self.state.metrics;
        if self.permit.is_some() {
            metrics.open.dec();
        }
        metrics.request(self.route, self.access.status.map_or(0, |status| status.as_u16()));
        if self.is_answer && self.access.verdict != Verdict::Answered {
            metrics.answer(self.route, self.access.verdict.as_str());
        }
        if let Some(usage) = &self.access.usage {
            let alias = self.access.model.as_deref().and_then(|model| self.state.alias_of(model));
            metrics.usage(alias.unwrap_or(OTHER), usage);
        }
        if let Some(log) = &self.state.options.on_access {
            log(&self.access);
        }
    }
}

/// The model of which the metrics speak if none of the gateway's names is for it: clients may make up any number.
const OTHER: &str = "other";
