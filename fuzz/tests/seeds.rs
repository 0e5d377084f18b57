//! Every target runs over its seeds, over all their prefixes, and over simple damage to them.

use bedrock_stream_fuzz::{TARGETS, seeds};

#[test]
fn every_target_has_seeds_and_accepts_them() {
    for (target, body) in TARGETS {
        let seeds = seeds(target);
        assert!(seeds.len() > 10, "{target}");
        for seed in &seeds {
            body(seed);
        }
    }
}

#[test]
fn every_target_accepts_cut_seeds() {
    for (target, body) in TARGETS {
        for seed in seeds(target).iter().filter(|seed| seed.len() < 400) {
            for len in 0..seed.len() {
                body(&seed[..len]);
            }
        }
    }
}

#[test]
fn every_target_accepts_damaged_seeds() {
    for (target, body) in TARGETS {
        for seed in seeds(target).iter().filter(|seed| seed.len() < 400) {
            for at in 0..seed.len() {
                for flip in [0x01, 0x80, 0xff] {
                    let mut damaged = seed.clone();
                    damaged[at] ^= flip;
                    body(&damaged);
                }
            }
        }
    }
}

#[test]
fn every_target_has_a_binary_that_the_fuzzer_finds() {
    let manifest = include_str!("../Cargo.toml");
    for (target, _) in TARGETS {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}
