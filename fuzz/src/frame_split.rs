use crate::control::Control;
use crate::model::parse_equals_model;
use crate::split::split_equals_whole;

/// Any bytes, in any split and with every form of the decoder, yield the messages and the error of the one-shot parse,
/// which in turn yields those of the simple second decoder.
pub fn frame_split(data: &[u8]) {
    let (control, stream) = Control::split(data);
    split_equals_whole(stream, &control.lens, control.limits());
    parse_equals_model(stream, control.limit);
}
