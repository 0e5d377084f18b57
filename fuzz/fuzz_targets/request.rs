#![cfg_attr(fuzzing, no_main)]

bedrock_stream_fuzz::target!(request);
