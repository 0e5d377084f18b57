//! Bytes in, chunks out, in WebAssembly. The module imports nothing, so any host can run it; `decode.mjs` is one for
//! Node. The host writes the bytes that arrived to the address that `input` returns, calls `push`, and reads lines of
//! JSON from the address that `output` returns.
//!
//! ```sh
//! cargo build --release --target wasm32-unknown-unknown
//! node decode.mjs target/wasm32-unknown-unknown/release/wasm_example.wasm ANSWER.bin
//! ```

#![no_std]

extern crate alloc;

mod stream;

use alloc::boxed::Box;

use bedrock_stream_core::converse::ChunkDecoder;

use crate::stream::Stream;

// The boundary to the host. To the host, references and boxes are addresses: it must have got them from `open` and not
// yet passed them to `close`, and it calls one function at a time. `unsafe` is only needed for `no_mangle`: no other
// symbol may have the same name.

#[unsafe(no_mangle)]
pub extern "C" fn open() -> Box<Stream> {
    Box::default()
}

/// Room for the next `len` bytes, until the next call.
#[unsafe(no_mangle)]
pub extern "C" fn input(stream: &mut Stream, len: usize) -> *mut u8 {
    stream.input.resize(len, 0);
    stream.input.as_mut_ptr()
}

/// Decodes the bytes that were written there. Returns the length of the output, in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn push(stream: &mut Stream) -> usize {
    stream.decoder.push(&stream.input);
    stream.take(ChunkDecoder::next_chunk)
}

/// Ends the stream and determines whether the answer is complete. Returns the length of the output, in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn finish(stream: &mut Stream) -> usize {
    stream.take(ChunkDecoder::finish)
}

/// The address of the output, valid until the next call.
#[unsafe(no_mangle)]
pub extern "C" fn output(stream: &Stream) -> *const u8 {
    stream.output.as_ptr()
}

#[unsafe(no_mangle)]
pub extern "C" fn close(_: Box<Stream>) {}

#[global_allocator]
static HEAP: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Traps, which the host sees as an exception.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
