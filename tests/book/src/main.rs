//! The programs of the guides: `book-program NAME` runs one, `book-program` names them all.

use std::env;
use std::process::ExitCode;

mod sdk_stand_in;

// A program of a guide names `aws_config`, which would take minutes to build.
extern crate self as aws_config;
use crate::sdk_stand_in::{BehaviorVersion, load_defaults};

include!(concat!(env!("OUT_DIR"), "/programs.rs"));

fn main() -> ExitCode {
    let Some(name) = env::args().nth(1) else {
        PROGRAMS.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    };
    match PROGRAMS.iter().find(|(known, _)| *known == name) {
        Some((_, run)) => run(),
        None => {
            eprintln!("there is no program {name}");
            ExitCode::from(2)
        }
    }
}
