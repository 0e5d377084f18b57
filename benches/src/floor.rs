use bytes::Bytes;

/// One pass of `crc32fast` over each message. Returns a value that depends on all of them.
#[must_use]
pub fn checksum_only(messages: &[Bytes]) -> u32 {
    messages.iter().fold(0, |sum, message| sum ^ crc32fast::hash(message))
}

/// Copies the pieces into one buffer of a message's length, and passes once over each message with `crc32fast`: what every
/// decoder of messages that are cut by reads must do. All messages must be of one length.
#[must_use]
pub fn copied_checksum(pieces: &[Bytes], message: usize) -> u32 {
    let mut buffer = Vec::with_capacity(message);
    let mut sum = 0;
    for piece in pieces {
        let mut rest = &piece[..];
        while !rest.is_empty() {
            let (now, after) = rest.split_at(rest.len().min(message - buffer.len()));
            buffer.extend_from_slice(now);
            rest = after;
            if buffer.len() == message {
                sum ^= crc32fast::hash(&buffer);
                buffer.clear();
            }
        }
    }
    sum
}

/// Copies the pieces into one buffer, which is cleared at a mebibyte. Returns its final length.
#[must_use]
pub fn copy_only(pieces: &[Bytes]) -> usize {
    let mut buffer = Vec::with_capacity(1 << 20);
    for piece in pieces {
        if buffer.len() + piece.len() > 1 << 20 {
            buffer.clear();
        }
        buffer.extend_from_slice(piece);
        std::hint::black_box(&mut buffer);
    }
    buffer.len()
}
