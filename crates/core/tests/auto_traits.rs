//! Traits that every public type must have, so that a new field cannot remove one unnoticed.

use std::fmt::Debug;
use std::panic::{RefUnwindSafe, UnwindSafe};

use bedrock_stream_core::{ErrorKind, answer, content, converse, frame, json};

const fn ordinary<T: Clone + Debug + Send + Sync + Unpin + UnwindSafe + RefUnwindSafe>() {}
const fn error<T: std::error::Error + Clone + Send + Sync + Unpin + 'static>() {}

macro_rules! ordinary {
    ($($Type:ty,)*) => {$( const _: () = ordinary::<$Type>(); )*};
}

macro_rules! errors {
    ($($Type:ty,)*) => {$( const _: () = { ordinary::<$Type>(); error::<$Type>() }; )*};
}

ordinary! {
    ErrorKind,
    answer::Chunk,
    answer::Done,
    answer::Exception,
    answer::PartialJson,
    answer::Response,
    answer::ResponseBuilder,
    answer::StreamPosition,
    answer::UnmodeledError,
    answer::Usage,
    content::ContentBlock,
    content::Message,
    content::ToolInput,
    converse::ChunkDecoder,
    converse::Chunker,
    converse::Event,
    converse::EventEncoder,
    converse::Request,
    frame::Decoder,
    frame::Envelope<'static>,
    frame::Header<'static>,
    frame::Headers<'static>,
    frame::Limits,
    frame::Message<'static>,
    frame::Value<'static>,
    json::Blob,
    json::Fields,
    json::Json,
}

errors! {
    answer::Error,
    answer::Incomplete,
    answer::IntoMessageError,
    answer::OrderViolation,
    answer::SkippedEvent,
    answer::UnusableToolInput,
    content::ImageError,
    converse::ConstraintViolation,
    converse::EncodeEventError,
    frame::EncodeError,
    frame::EnvelopeError,
    frame::Error,
    frame::HeaderError,
}

#[test]
fn a_cloned_decoder_is_independent() {
    let mut bytes = Vec::new();
    for event in [
        converse::Event::from(converse::ContentBlockDelta::new(0, "a")),
        converse::Event::from(converse::ContentBlockDelta::new(0, "b")),
    ] {
        converse::EventEncoder::new().encode(&event, &mut bytes).unwrap();
    }
    let mut decoder = converse::ChunkDecoder::new();
    decoder.push(&bytes[..bytes.len() - 1]);
    while decoder.next_chunk().unwrap().is_some() {}
    let mut copy = decoder.clone();
    copy.push(&bytes[bytes.len() - 1..]);
    assert_eq!(copy.next_chunk(), Ok(Some(answer::Chunk::text(0, "b"))));
    assert_eq!(decoder.next_chunk(), Ok(None), "the original decoder still needs the last byte");
}
