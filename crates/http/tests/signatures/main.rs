//! Signatures, compared with those of other implementations. AWS's own cases are tested beside the signer, in
//! `src/auth/sigv4/suite.rs`.
#![cfg(feature = "sigv4")]

mod as_sent;
mod golden;
mod operations;
mod peer;
mod refused;
mod streams;
mod vendors;
