use crate::control::Control;
use crate::sse_split::split_equals_whole;

/// Any bytes, in any split and every form, yield the events and the error of the simple reference framer.
pub fn sse_framer(data: &[u8]) {
    let (control, stream) = Control::split(data);
    split_equals_whole(stream, &control.lens, control.limit);
}
