/// TO BE WRITTEN
#[derive(Debug)]
pub struct InvokeDecoder;
/// TO BE WRITTEN
#[derive(Debug)]
pub struct Payload;
