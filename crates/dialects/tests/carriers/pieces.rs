/// Cuts `input` into pieces whose lengths go through `lens` over and over.
pub(crate) fn pieces<'i>(input: &'i [u8], lens: &'i [usize]) -> impl Iterator<Item = &'i [u8]> {
    let mut rest = input;
    let endless = lens.iter().all(|&len| len == 0);
    let mut lens = lens.iter().copied().cycle();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let len = if endless { rest.len() } else { lens.next()?.min(rest.len()) };
        let (piece, after) = rest.split_at(len);
        rest = after;
        Some(piece)
    })
}
