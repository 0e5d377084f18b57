//! Strategies for all possible events: every shape, with each member present or absent, and unknown members.

use std::collections::BTreeMap;

use bedrock_stream_core::answer::{
    CacheDetail, Exception, GuardrailTrace, Latency, Metrics, PerformanceConfig, PromptRouterTrace,
    ServiceTier, ServiceTierType, StopReason, Trace, UnmodeledError, Usage,
};
use bedrock_stream_core::content::{
    CacheTtl, Citation, CitationLocation, CitationSourceContent, DocumentLocation, ImageDelta, ImageFormat,
    MediaError, MediaSource, Role, S3Location, SearchResultLocation, ToolResultDelta, ToolResultStatus,
    WebLocation,
};
use bedrock_stream_core::converse::{
    BlockStart, ContentBlockDelta, ContentBlockStart, ContentBlockStop, Delta, Event, ImageStart,
    MessageStart, MessageStop, Metadata, ReasoningDelta, ToolResultStart, ToolUseDelta, ToolUseStart,
    UnknownEvent,
};
use bedrock_stream_core::json::{Blob, Fields, Json, Member};
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::free_json::{json, text, value};

/// Any event that a message can carry.
pub(crate) fn event() -> BoxedStrategy<Event> {
    let exception = (exception_name(), prop_oneof![vec(any::<u8>(), 0..20), json().prop_map(into_bytes)])
        .prop_map(|(name, payload)| Event::Exception(Exception::new(name, payload)));
    let unknown = (of(unknown_name()), of(unknown_name()), of(json())).prop_filter_map(
        "an event has a name",
        |(message_type, event_type, payload)| {
            // Without a message type it is read as an `event`, which needs a name.
            (message_type.is_some() || event_type.is_some()).then(|| {
                let mut event = UnknownEvent::default();
                (event.message_type, event.event_type, event.payload) = (message_type, event_type, payload);
                Event::Unknown(event)
            })
        },
    );
    prop_oneof![8 => printable_event(), 1 => exception, 1 => unknown, 1 => error(Just(Fields::new()))].boxed()
}

/// Any event that its JSON describes completely: an exception has an object as its payload and a name with the right
/// ending; an unknown event has a payload and the type `event`.
pub(crate) fn printable_event() -> BoxedStrategy<Event> {
    let exception = (exception_name(), details())
        .prop_map(|(name, payload)| Event::Exception(Exception::new(name, payload)));
    let unknown = (unknown_name(), value()).prop_map(|(name, payload)| {
        let mut event = UnknownEvent::default();
        (event.event_type, event.payload) = (Some(name), Some(payload));
        Event::Unknown(event)
    });
    prop_oneof![
        1 => (of(role()), fields()).prop_map(|(role, other)| {
            let mut event = MessageStart::default();
            (event.role, event.other) = (role, other);
            Event::MessageStart(event)
        }),
        1 => (of(any::<u32>()), of(block_start()), fields()).prop_map(|(index, start, other)| {
            let mut event = ContentBlockStart::default();
            (event.content_block_index, event.start, event.other) = (index, start, other);
            Event::ContentBlockStart(event)
        }),
        4 => (of(any::<u32>()), of(delta()), fields()).prop_map(|(index, delta, other)| {
            let mut event = ContentBlockDelta::default();
            (event.content_block_index, event.delta, event.other) = (index, delta, other);
            Event::ContentBlockDelta(event)
        }),
        1 => (of(any::<u32>()), fields()).prop_map(|(index, other)| {
            let mut event = ContentBlockStop::default();
            (event.content_block_index, event.other) = (index, other);
            Event::ContentBlockStop(event)
        }),
        1 => (of(stop_reason()), of(value()), fields()).prop_map(|(reason, additional, other)| {
            let mut event = MessageStop::default();
            (event.stop_reason, event.additional_model_response_fields, event.other) =
                (reason, additional, other);
            Event::MessageStop(event)
        }),
        2 => metadata().prop_map(|event| Event::Metadata(Box::new(event))),
        1 => exception,
        1 => error(fields()),
        1 => unknown,
    ]
    .boxed()
}

fn error(other: impl Strategy<Value = Fields> + 'static) -> BoxedStrategy<Event> {
    (of(text()), of(text()), other)
        .prop_map(|(code, message, other)| {
            let mut event = UnmodeledError::default();
            (event.code, event.message, event.other) = (code, message, other);
            Event::Error(event)
        })
        .boxed()
}

fn block_start() -> BoxedStrategy<BlockStart> {
    let tool_use = (of(text()), of(text()), of(text()), fields()).prop_map(|(id, name, kind, other)| {
        let mut start = ToolUseStart::default();
        (start.tool_use_id, start.name, start.kind, start.other) = (id, name, kind, other);
        BlockStart::ToolUse(start)
    });
    let tool_result =
        (of(text()), of(text()), of(status()), fields()).prop_map(|(id, kind, status, other)| {
            let mut start = ToolResultStart::default();
            (start.tool_use_id, start.kind, start.status, start.other) = (id, kind, status, other);
            BlockStart::ToolResult(start)
        });
    let image = (of(image_format()), fields()).prop_map(|(format, other)| {
        let mut start = ImageStart::default();
        (start.format, start.other) = (format, other);
        BlockStart::Image(start)
    });
    let one = prop_oneof![tool_use, tool_result, image, member().prop_map(BlockStart::Unknown)];
    union(one.boxed(), BlockStart::Members)
}

fn delta() -> BoxedStrategy<Delta> {
    let tool_use = (of(text()), fields()).prop_map(|(input, other)| {
        let mut delta = ToolUseDelta::default();
        (delta.input, delta.other) = (input, other);
        Delta::ToolUse(delta)
    });
    let one = prop_oneof![
        text().prop_map(Delta::Text),
        tool_use,
        vec(tool_result_delta(), 0..3).prop_map(Delta::ToolResult),
        reasoning_delta().prop_map(Delta::Reasoning),
        citation().prop_map(|citation| Delta::Citation(citation.into())),
        image_delta().prop_map(|image| Delta::Image(image.into())),
        member().prop_map(Delta::Unknown),
    ];
    union(one.boxed(), Delta::Members)
}

fn tool_result_delta() -> BoxedStrategy<ToolResultDelta> {
    let one = prop_oneof![
        text().prop_map(ToolResultDelta::Text),
        value().prop_map(ToolResultDelta::Json),
        member().prop_map(ToolResultDelta::Unknown),
    ];
    union(one.boxed(), ToolResultDelta::Members)
}

fn reasoning_delta() -> BoxedStrategy<ReasoningDelta> {
    let one = prop_oneof![
        text().prop_map(ReasoningDelta::Text),
        text().prop_map(ReasoningDelta::Signature),
        blob().prop_map(ReasoningDelta::RedactedContent),
        member().prop_map(ReasoningDelta::Unknown),
    ];
    union(one.boxed(), ReasoningDelta::Members)
}

fn citation() -> impl Strategy<Value = Citation> {
    let content = prop_oneof![
        text().prop_map(CitationSourceContent::Text),
        member().prop_map(CitationSourceContent::Unknown),
    ];
    let content = union(content.boxed(), CitationSourceContent::Members);
    (of(text()), of(text()), of(vec(content, 0..3)), of(location()), fields()).prop_map(
        |(title, source, content, location, other)| {
            let mut citation = Citation::default();
            (citation.title, citation.source, citation.source_content) = (title, source, content);
            (citation.location, citation.other) = (location, other);
            citation
        },
    )
}

fn location() -> BoxedStrategy<CitationLocation> {
    let web = (of(text()), of(text()), fields()).prop_map(|(url, domain, other)| {
        let mut web = WebLocation::default();
        (web.url, web.domain, web.other) = (url, domain, other);
        CitationLocation::Web(web)
    });
    let range = || {
        (of(any::<u32>()), of(any::<u32>()), of(any::<u32>()), fields()).prop_map(
            |(index, start, end, other)| {
                let mut range = DocumentLocation::default();
                (range.document_index, range.start, range.end, range.other) = (index, start, end, other);
                range
            },
        )
    };
    let search = range().prop_map(|range| {
        let mut search = SearchResultLocation::default();
        (search.search_result_index, search.start, search.end) =
            (range.document_index, range.start, range.end);
        search.other = range.other;
        CitationLocation::SearchResult(search)
    });
    let one = prop_oneof![
        web,
        range().prop_map(CitationLocation::DocumentChar),
        range().prop_map(CitationLocation::DocumentPage),
        range().prop_map(CitationLocation::DocumentChunk),
        search,
        member().prop_map(CitationLocation::Unknown),
    ];
    union(one.boxed(), CitationLocation::Members)
}

fn image_delta() -> impl Strategy<Value = ImageDelta> {
    let s3 = (text(), of(text()), fields()).prop_map(|(uri, owner, other)| {
        let mut location = S3Location::new(uri);
        (location.bucket_owner, location.other) = (owner, other);
        MediaSource::S3Location(location)
    });
    let source =
        prop_oneof![blob().prop_map(MediaSource::Bytes), s3, member().prop_map(MediaSource::Unknown)];
    let error = (of(text()), fields()).prop_map(|(message, other)| {
        let mut error = MediaError::default();
        (error.message, error.other) = (message, other);
        error
    });
    (of(union(source.boxed(), MediaSource::Members)), of(error), fields()).prop_map(
        |(source, error, other)| {
            let mut image = ImageDelta::default();
            (image.source, image.error, image.other) = (source, error, other);
            image
        },
    )
}

fn metadata() -> BoxedStrategy<Metadata> {
    let metrics = (of(any::<i64>()), fields()).prop_map(|(latency, other)| {
        let mut metrics = Metrics::default();
        (metrics.latency_ms, metrics.other) = (latency, other);
        metrics
    });
    let latency = names(&["standard", "optimized"], |name| Latency::from(name));
    let performance = (of(latency), fields()).prop_map(|(latency, other)| {
        let mut config = PerformanceConfig::default();
        (config.latency, config.other) = (latency, other);
        config
    });
    let tier = names(&["priority", "default", "flex", "reserved"], |name| ServiceTierType::from(name));
    let tier = (of(tier), fields()).prop_map(|(kind, other)| {
        let mut tier = ServiceTier::default();
        (tier.tier, tier.other) = (kind, other);
        tier
    });
    (of(usage()), of(metrics), of(trace()), of(performance), of(tier), fields())
        .prop_map(|(usage, metrics, trace, performance_config, service_tier, other)| {
            let mut event = Metadata::default();
            (event.usage, event.metrics, event.trace) = (usage, metrics, trace);
            (event.performance_config, event.service_tier, event.other) =
                (performance_config, service_tier, other);
            event
        })
        .boxed()
}

fn usage() -> impl Strategy<Value = Usage> {
    let ttl = names(&["5m", "1h"], |name| CacheTtl::from(name));
    let detail = (of(ttl), of(any::<u64>()), fields()).prop_map(|(ttl, tokens, other)| {
        let mut detail = CacheDetail::default();
        (detail.ttl, detail.input_tokens, detail.other) = (ttl, tokens, other);
        detail
    });
    (prop::array::uniform5(of(any::<u64>())), of(vec(detail, 0..3)), fields()).prop_map(
        |(counts, details, other)| {
            let mut usage = Usage::default();
            [usage.input_tokens, usage.output_tokens, usage.total_tokens, ..] = counts;
            [.., usage.cache_read_input_tokens, usage.cache_write_input_tokens] = counts;
            (usage.cache_details, usage.other) = (details, other);
            usage
        },
    )
}

fn trace() -> BoxedStrategy<Trace> {
    let inputs: BoxedStrategy<BTreeMap<String, Json>> = btree_map(text(), json(), 0..3).boxed();
    let outputs = btree_map(text(), vec(json(), 0..3), 0..3);
    let guardrail = (of(vec(text(), 0..3)), of(inputs), of(outputs), of(text()), fields()).prop_map(
        |(model_output, inputs, outputs, reason, other)| {
            let mut trace = GuardrailTrace::default();
            (trace.model_output, trace.input_assessment, trace.output_assessments) =
                (model_output, inputs, outputs);
            (trace.action_reason, trace.other) = (reason, other);
            trace
        },
    );
    let router = (of(text()), fields()).prop_map(|(model, other)| {
        let mut trace = PromptRouterTrace::default();
        (trace.invoked_model_id, trace.other) = (model, other);
        trace
    });
    (of(guardrail), of(router), fields())
        .prop_map(|(guardrail, router, other)| {
            let mut trace = Trace::default();
            (trace.guardrail, trace.prompt_router, trace.other) = (guardrail, router, other);
            trace
        })
        .boxed()
}

/// One member; or none, or two to three, which a union must not have but sometimes does.
fn union<T: Clone + std::fmt::Debug + 'static>(
    one: BoxedStrategy<T>,
    several: fn(Vec<T>) -> T,
) -> BoxedStrategy<T> {
    let more = prop_oneof![Just(Vec::new()).boxed(), vec(one.clone(), 2..4).boxed()].prop_map(several);
    prop_oneof![5 => one, 1 => more].boxed()
}

fn role() -> BoxedStrategy<Role> {
    names(&["user", "assistant", "system"], |name| Role::from(name))
}

fn status() -> BoxedStrategy<ToolResultStatus> {
    names(&["success", "error"], |name| ToolResultStatus::from(name))
}

fn image_format() -> BoxedStrategy<ImageFormat> {
    names(&["png", "jpeg", "gif", "webp"], |name| ImageFormat::from(name))
}

fn stop_reason() -> BoxedStrategy<StopReason> {
    let known = ["end_turn", "tool_use", "max_tokens", "guardrail_intervened", "malformed_tool_use"];
    names(&known, |name| StopReason::from(name))
}

/// A known name, or any text.
fn names<T: Clone + std::fmt::Debug + 'static>(
    known: &[&'static str],
    from: fn(&str) -> T,
) -> BoxedStrategy<T> {
    prop_oneof![select(known.to_vec()).prop_map(str::to_owned), text()]
        .prop_map(move |name| from(&name))
        .boxed()
}

/// Unknown members, each with a different name.
fn fields() -> BoxedStrategy<Fields> {
    let some = vec((unknown_name(), json()), 1..3).prop_map(|members| {
        let mut fields = Fields::new();
        for (name, value) in members {
            fields.set(name, value);
        }
        fields
    });
    prop_oneof![4 => Just(Fields::new()).boxed(), 1 => some.boxed()].boxed()
}

fn member() -> BoxedStrategy<Member> {
    (unknown_name(), json())
        .prop_map(|(name, value)| {
            let mut member = Member::default();
            (member.name, member.value) = (name, value);
            member
        })
        .boxed()
}

/// A name that no member has.
fn unknown_name() -> BoxedStrategy<String> {
    text().prop_map(|text| format!("x{text}")).boxed()
}

fn exception_name() -> BoxedStrategy<String> {
    let known = ["throttlingException", "modelStreamErrorException", "validationException"];
    prop_oneof![
        select(known.to_vec()).prop_map(str::to_owned),
        text().prop_map(|text| format!("{text}Exception")),
    ]
    .boxed()
}

/// An exception's payload.
fn details() -> BoxedStrategy<Vec<u8>> {
    (of(text()), of(any::<u16>()), of(text()), json())
        .prop_map(|(message, status, original, more)| {
            let quoted = |text: &Option<String>| serde_json::to_string(text).unwrap();
            let status = status.map_or_else(|| "null".to_owned(), |status| status.to_string());
            format!(
                "{{\"message\":{},\"originalStatusCode\":{status},\"originalMessage\":{},\"x\":{more}}}",
                quoted(&message),
                quoted(&original)
            )
            .into_bytes()
        })
        .boxed()
}

fn blob() -> BoxedStrategy<Blob> {
    vec(any::<u8>(), 0..8).prop_map(Blob::from).boxed()
}

/// Any text: control characters, quotes and backslashes come often. JSON that is not `null`, for a member that a shape
/// knows: there `null` means that it is absent. Any JSON, in forms that no serializer would reproduce. The text of any
/// JSON, without white space around it.
fn into_bytes(json: Json) -> Vec<u8> {
    json.as_str().into()
}
