//! Frames: conformance, splits, the encoder, a peer to compare with, and hostile input.

#![cfg(feature = "alloc")]

mod decoder;
mod differential;
mod encode;
mod envelope;
mod hostile;
mod model;
mod properties;
mod shared;
mod split;
mod vectors;
mod wire;
