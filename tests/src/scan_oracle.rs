use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// The source of a JSON string, without its quotes: empty, plain, or with escapes, some of which are invalid.
pub fn escaped_text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-z é😀]{1,12}", "([a-z]|\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-f]{4}){0,6}",]
}

/// Checks 2,000 of these payloads, most with one character changed: a scan must read each as its oracle does, or not at
/// all. `check` asserts that, and returns whether the payload was scanned. This fails if so few were scanned that the
/// comparison would be meaningless.
///
/// # Panics
///
/// If `check` panics, or if fewer than two in five payloads were scanned.
pub fn check_scan(payloads: impl Strategy<Value = String>, check: impl Fn(&str) -> bool) {
    let change = prop::option::of((any::<prop::sample::Index>(), "[\"\\\\{}:, 0-9a-p]?"));
    let changed = (payloads, change).prop_map(|(mut payload, change)| {
        if let Some((place, by)) = change {
            let place = place.index(payload.len());
            if payload.is_char_boundary(place) && payload.is_char_boundary(place + 1) {
                payload.replace_range(place..=place, &by);
            }
        }
        payload
    });
    let compared = Cell::new(0);
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(2_000) });
    let result = runner.run(&changed, |payload| {
        compared.set(compared.get() + u32::from(check(&payload)));
        Ok(())
    });
    result.unwrap();
    assert!(compared.get() > 800, "the comparison was reached {} times of 2000", compared.get());
}
