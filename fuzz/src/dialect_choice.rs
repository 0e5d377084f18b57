use bedrock_stream_dialects::Dialect;

/// The dialects that are fuzzed.
pub(crate) const DIALECTS: &[Dialect] = &Dialect::ALL;
/// Whether the dialect may also be detected from the payloads.
pub(crate) const DETECTS: bool = true;

/// Takes a byte that chooses the dialect from the front of `data`.
pub(crate) fn take_dialect(data: &[u8]) -> (Option<Dialect>, &[u8]) {
    let (&first, rest) = data.split_first().unwrap_or((&0, &[]));
    (dialect(first), rest)
}

/// The dialect that a byte selects; one of the values selects none.
pub(crate) fn dialect(byte: u8) -> Option<Dialect> {
    let choices = DIALECTS.len() + usize::from(DETECTS);
    DIALECTS.get(usize::from(byte) % choices).copied()
}
