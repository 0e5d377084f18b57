use proptest::prelude::*;

use super::split::split_equals_whole;

/// Pieces of streams, right and wrong: any order of them is a stream.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let fixed = prop::sample::select(vec![
        &b"data: {\"a\":1}"[..],
        b"data: [DONE]",
        b"data:",
        b"data",
        b"dat",
        b"datax: 1",
        b"data: x\xff\xe2\x82",
        b"event: ping",
        b"event:",
        b"event",
        b"event: \xff",
        b"eventual",
        b": a comment",
        b":",
        b"id: 1",
        b"retry: 1000",
        b"no colon",
        b"\xef\xbb\xbf",
        b"\xef\xbb",
        b" ",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\r\r",
        b"\r\n\r\n",
    ]);
    prop_oneof![
        10 => fixed.prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..4),
        1 => "[a-z:]{0,12}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn any_split_gives_what_the_oracle_gives(
        stream in prop::collection::vec(piece(), 0..24),
        lens in prop::collection::vec(0..9_usize, 1..6),
        max_data in prop_oneof![Just(u32::MAX), 0..24_u32],
    ) {
        let stream = stream.concat();
        split_equals_whole(&stream, &[0], max_data);
        split_equals_whole(&stream, &[1], max_data);
        split_equals_whole(&stream, &lens, max_data);
    }

    #[test]
    fn any_bytes_give_what_the_oracle_gives(
        stream in prop::collection::vec(prop::sample::select(b"dataevent: {}\n\r\xef\xbb\xbf\xff".to_vec()), 0..64),
        lens in prop::collection::vec(0..9_usize, 1..6),
    ) {
        split_equals_whole(&stream, &lens, u32::MAX);
    }
}
