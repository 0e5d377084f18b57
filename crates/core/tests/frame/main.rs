//! Frames: conformance, splits, the encoder, comparison with another implementation, and hostile input.

#![cfg(feature = "alloc")]

mod differential;
mod encode;
mod ends;
mod envelope;
mod every_type;
mod headers;
mod hostile;
mod limits;
mod model;
mod preludes;
mod properties;
mod shared;
mod split;
mod vectors;
mod verified;
mod wire;
