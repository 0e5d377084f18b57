//! What the service answers to a request: the scripted reply, a recording or a generated answer, written in the dialect that was
//! asked for.

use std::time::SystemTime;

use bedrock_stream_core::answer::{Error as StreamError, ResponseBuilder};
use bedrock_stream_core::converse::{ChunkDecoder, EncodeEventError};
use bedrock_stream_dialects::Dialect;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Response};
use http_body_util::{Either, Full};

use super::body::{OpenStream, Pace, PacedBody};
use super::connection::ResetHandle;
use super::requests::ReceivedRequest;
use super::route::{Operation, Route};
use super::script::Scripted;
use super::sent_response::SentResponse;
use super::service::{ResponseBody, Service};
use crate::answer::{Answer, EVENT_STREAM, Prompt, Transcript};
use crate::dialect::{self, Asked, Carrier, Target, Vendor, Whole};
use crate::encoded_message::EncodedMessage;
use crate::fault::{Fault, OutgoingBody, Replacement};
use crate::recorded_body::RecordedBody;
use crate::refusal::Refusal;
use crate::reply::{Content, Reply};
use crate::rng::digest;
use crate::validation::{InvalidRequest, UnknownMember};

impl Service {
    /// The response, with all faults applied. Adds the faults of the reply to `faults`, and unknown members to `sent`.
    pub(super) fn answer(
        &self,
        (parts, body, received): (&Parts, &[u8], &ReceivedRequest),
        route: Option<&Route>,
        faults: &mut Vec<Fault>,
        sent: &mut SentResponse,
        reset_handle: &ResetHandle,
    ) -> Result<Response<ResponseBody>, Replacement> {
        let Some(Route { operation, model_id }) = route else {
            return Err(Refusal::unknown_operation(parts.method.as_str(), parts.uri.path()).into());
        };
        let operation = *operation;
        self.options.auth.check(parts, body, SystemTime::now())?;
        check_replacement(faults)?;
        let asked = match (operation, operation.dialect()) {
            (Operation::Converse | Operation::ConverseStream, _) | (_, None) => None,
            (Operation::CountMessageTokens, _) => None,
            (_, Some(dialect)) => {
                let asked = Asked::parse(dialect, body, &parts.headers).map_err(Refusal::bad_request)?;
                Some(self.accepted(asked, dialect, sent)?)
            }
        };
        let model_id = model_id.as_deref().or(operation.is_plain().then_some(""));
        let model_id = model_id.ok_or_else(Refusal::unknown_model)?;
        if operation.is_plain() {
            return self.plain(operation, (model_id, body, received), &parts.headers, faults);
        }
        let prompt = match operation {
            Operation::Converse | Operation::ConverseStream => Some(self.prompt(body, sent)?),
            _ => None,
        };
        let reply = self.reply(operation, model_id, received)?;
        faults.extend(reply.faults);
        check_replacement(faults)?;
        let content = match reply.content {
            Content::Refusal(refusal) => return Err(refusal.into()),
            content => content,
        };
        let seed = self.options.seed ^ digest(body);
        if let Some(prompt) = prompt {
            if matches!(content, Content::Generated) && Vendor::is_of_another_kind(model_id) {
                return Err(Refusal::no_chat_model().into());
            }
            let fits = content.recorded().is_some_and(RecordedBody::fits_converse);
            let messages = self.messages(content, fits, &prompt, seed, Transcript::encoded_messages)?;
            let outgoing = self.outgoing_body(messages, Carrier::EventStream, faults, sent)?;
            if operation == Operation::Converse {
                return Ok(whole_response(unstreamed(&outgoing)?, JSON));
            }
            return Ok(self.stream(outgoing, EVENT_STREAM, reset_handle));
        }
        let vendor = Vendor::of(model_id);
        let carrier = operation.dialect().map_or(Carrier::EventStream, Carrier::Sse);
        let of_vendor = match &asked {
            Some(_) => None,
            None => {
                let is_streamed = Some(operation == Operation::InvokeModelWithResponseStream);
                vendor.map(|vendor| (vendor, Asked::parse_invoke(vendor, model_id, is_streamed, body)))
            }
        };
        let valid = of_vendor.as_ref().and_then(|(_, asked)| asked.as_ref().ok());
        let recorded = content
            .recorded()
            .filter(|recorded| recorded.fits(carrier, vendor, valid.map(|asked| &asked.body)));
        let fits = recorded.is_some();
        let asked = match (asked, of_vendor) {
            (Some(asked), _) => asked,
            // What answers a recorded body is not known.
            (None, Some((_, Ok(asked)))) if fits => asked,
            (None, _) if fits => Asked::unread(),
            (None, None) => return Err(Refusal::unknown_vendor(model_id).into()),
            (None, Some((vendor, asked))) => {
                let asked = asked.map_err(Refusal::bad_request)?;
                dialect::check_guardrail(&parts.headers, &asked.body).map_err(Refusal::bad_request)?;
                self.accepted(asked, vendor.dialect(), sent)?
            }
        };
        let dialect = match (operation.dialect().or(recorded.and_then(RecordedBody::invoked)), vendor) {
            (Some(dialect), _) => dialect,
            (None, Some(vendor)) => vendor.answers_in(Some(&asked.body)),
            (None, None) if operation == Operation::InvokeModel => {
                return Err(Refusal::unknown_vendor(model_id).into());
            }
            (None, None) => Dialect::Messages,
        };
        let target = Target { carrier, dialect, vendor, model: model_id, asked: &asked, seed };
        let (mut chunks, mut lost_tool_calls) = (None, 0);
        let messages = self.messages(content, fits, &asked.prompt, seed, |transcript| {
            chunks = Some(transcript.chunks.clone()).filter(|_| transcript.is_complete());
            lost_tool_calls = target.lost_tool_calls(transcript);
            target.messages(transcript)
        })?;
        sent.lost_tool_calls = lost_tool_calls;
        let outgoing = self.outgoing_body(messages, carrier, faults, sent)?;
        // Content that a stream cannot carry unchanged is only in the chunks.
        let whole = || match &chunks {
            Some(chunks) if faults.is_empty() => target.whole_of(chunks),
            _ => target.whole(&outgoing.bytes()),
        };
        match carrier {
            Carrier::EventStream if operation == Operation::InvokeModel => {
                invoked(whole().map_err(Refusal::not_whole)?)
            }
            Carrier::EventStream => {
                let mut response = self.stream(outgoing, EVENT_STREAM, reset_handle);
                response.headers_mut().insert(BEDROCK_CONTENT_TYPE, JSON);
                Ok(response)
            }
            Carrier::Sse(_) if !asked.is_streamed => {
                Ok(whole_response(whole().map_err(Refusal::not_whole)?.body.into(), JSON))
            }
            Carrier::Sse(_) => {
                let mut response = self.stream(outgoing, SERVER_SENT_EVENTS, reset_handle);
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
                Ok(response)
            }
        }
    }

    /// The answer of an operation that does not call a model: one JSON object.
    fn plain(
        &self,
        operation: Operation,
        (id, body, received): (&str, &[u8], &ReceivedRequest),
        headers: &HeaderMap,
        faults: &mut Vec<Fault>,
    ) -> Result<Response<ResponseBody>, Replacement> {
        let json = match operation {
            Operation::ApplyGuardrail => dialect::guardrail(body),
            Operation::InvokeGuardrailChecks => dialect::guardrail_checks(body),
            operation => dialect::count_tokens(operation.dialect(), id, body, headers),
        };
        let json = json.map_err(Refusal::bad_request)?;
        if let Some(reply) = self.options.script.plain_reply(id, received) {
            faults.extend(reply.faults);
            check_replacement(faults)?;
            if let Content::Refusal(refusal) = reply.content {
                return Err(refusal.into());
            }
        }
        Ok(whole_response(json.to_string().into(), JSON))
    }

    /// The messages of a reply's content, which `write` encodes unless it is a recorded body that `fits` as it is.
    fn messages(
        &self,
        content: Content,
        fits: bool,
        prompt: &Prompt,
        seed: u64,
        write: impl FnOnce(&Transcript) -> Result<Vec<EncodedMessage>, EncodeEventError>,
    ) -> Result<Vec<EncodedMessage>, Refusal> {
        let answer = match content {
            Content::Refusal(refusal) => return Err(refusal),
            Content::Recording(body) if fits => return Ok(body.messages),
            Content::Recording(body) => {
                let transcript =
                    body.transcript(seed).map_err(|reason| Refusal::not_this_dialect(&reason))?;
                return write(&transcript).map_err(Refusal::internal);
            }
            Content::Answer(answer) => {
                answer.with_latency(self.options.delay).with_input_tokens(prompt.input_tokens)
            }
            Content::Generated => Answer::to(prompt, seed).with_latency(self.options.delay),
        };
        write(&answer.transcript()).map_err(Refusal::internal)
    }

    /// The body to send, with all faults applied.
    fn outgoing_body(
        &self,
        messages: Vec<EncodedMessage>,
        carrier: Carrier,
        faults: &[Fault],
        sent: &mut SentResponse,
    ) -> Result<OutgoingBody, Refusal> {
        let mut outgoing = OutgoingBody { split: self.options.split, ..OutgoingBody::new(messages, carrier) };
        for fault in faults {
            outgoing.inject(*fault).map_err(Refusal::internal)?;
        }
        sent.unapplied_faults.clone_from(&outgoing.unapplied_faults);
        Ok(outgoing)
    }

    /// Reports unknown members, and refuses them if the fake is strict.
    fn accepted(&self, asked: Asked, dialect: Dialect, sent: &mut SentResponse) -> Result<Asked, Refusal> {
        sent.unknown_members.clone_from(&asked.unknown_members);
        match asked.refused_member(dialect).filter(|_| self.options.strict) {
            Some(refused) => Err(Refusal::bad_request(refused)),
            None => Ok(asked),
        }
    }

    fn prompt(&self, body: &[u8], sent: &mut SentResponse) -> Result<Prompt, Refusal> {
        let refuse = |invalid: InvalidRequest| Refusal::validation(invalid.to_string());
        let prompt = Prompt::parse(body).map_err(refuse)?;
        sent.unknown_members = prompt.unknown_members.iter().map(UnknownMember::path).collect();
        match prompt.unknown_members.first() {
            Some(first) if self.options.strict => Err(refuse(first.clone().into())),
            _ => Ok(prompt),
        }
    }

    /// The scripted reply, or else a recording, or else a generated answer.
    fn reply(
        &self,
        operation: Operation,
        model_id: &str,
        received: &ReceivedRequest,
    ) -> Result<Reply, Refusal> {
        let scripted = self.options.script.reply(model_id, received);
        match scripted {
            Scripted::Reply(reply) => return Ok(reply),
            Scripted::Unmatched(said) if self.options.recordings.is_empty() => {
                return Err(Refusal::unmatched(model_id, &said));
            }
            Scripted::Nothing if self.options.recordings.is_empty() => return Ok(Reply::generated()),
            Scripted::Unmatched(_) | Scripted::Nothing => {}
        }
        let recording =
            self.options.recordings.find(operation, model_id).ok_or_else(Refusal::unknown_model)?;
        Ok(Content::Recording(recording.clone().into()).into())
    }

    fn stream(
        &self,
        outgoing: OutgoingBody,
        content_type: HeaderValue,
        reset_handle: &ResetHandle,
    ) -> Response<ResponseBody> {
        let open = OpenStream::count(&self.state.open_streams);
        let pace = Pace { delay: self.options.delay, as_recorded: self.options.as_recorded };
        let body = PacedBody::new(outgoing, pace, reset_handle.clone(), open);
        let mut response = Response::new(Either::Right(body));
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        response
    }
}

fn whole_response(body: Vec<u8>, content_type: HeaderValue) -> Response<ResponseBody> {
    let mut response = Response::new(Either::Left(Full::from(body)));
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// The response of `InvokeModel`, which has its counts in headers.
fn invoked(whole: Whole) -> Result<Response<ResponseBody>, Replacement> {
    let mut response = whole_response(whole.body.into(), JSON);
    for (name, count) in COUNTS.into_iter().zip(whole.counts) {
        response.headers_mut().insert(name, count.into());
    }
    Ok(response)
}

fn check_replacement(faults: &[Fault]) -> Result<(), Replacement> {
    faults.iter().find_map(|fault| fault.replacement()).map_or(Ok(()), Err)
}

/// The answer as Converse returns it. An exception becomes the refusal of the same name.
fn unstreamed(outgoing: &OutgoingBody) -> Result<Vec<u8>, Refusal> {
    let mut decoder = ChunkDecoder::new();
    let mut builder = ResponseBuilder::new();
    decoder.push(&outgoing.bytes());
    loop {
        let next = match decoder.next_chunk() {
            Ok(None) => decoder.finish(),
            next => next,
        };
        match next {
            Ok(Some(chunk)) => builder.push(&chunk),
            Ok(None) => break,
            Err(StreamError::Exception(exception)) => return Err(Refusal::of_exception(&exception)),
            Err(error) if error.is_final() => return Err(Refusal::internal(error)),
            Err(_) => builder.skip(),
        }
    }
    let response = match builder.finish() {
        Ok(response) => response,
        // A fault: the answer lacks what the skipped events said.
        Err(incomplete) if incomplete.skipped_events > 0 => *incomplete.partial,
        Err(incomplete) => return Err(Refusal::internal(incomplete)),
    };
    serde_json::to_vec(&response).map_err(Refusal::internal)
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const BEDROCK_CONTENT_TYPE: HeaderName = HeaderName::from_static("x-amzn-bedrock-content-type");
const SERVER_SENT_EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
const COUNTS: [HeaderName; 3] = [
    HeaderName::from_static("x-amzn-bedrock-input-token-count"),
    HeaderName::from_static("x-amzn-bedrock-output-token-count"),
    HeaderName::from_static("x-amzn-bedrock-invocation-latency"),
];
