/// TO BE WRITTEN
#[derive(Debug)]
pub struct SseDecoder;
