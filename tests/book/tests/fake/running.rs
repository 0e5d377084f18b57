use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bedrock_stream_testkit::FakeBedrock;
use rustix::process::{Pid, Signal, kill_process};

use super::program;

/// A program that is used step by step, as on a terminal. Dropping it ends the program.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(name: &str, bedrock: &FakeBedrock) -> Self {
        let mut command = program(name, Some(bedrock));
        Self(command.stderr(Stdio::null()).spawn().expect("the program starts"))
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.0.stdin.as_mut().expect("it was piped").write_all(text.as_bytes()).expect("it reads");
    }

    /// Reads until the output ends with `text`.
    pub(crate) fn reads_until(&mut self, text: &str) {
        let stdout = self.0.stdout.as_mut().expect("it was piped");
        let mut read = Vec::new();
        while !read.ends_with(text.as_bytes()) {
            let mut byte = [0];
            let is_open = stdout.read(&mut byte).expect("it can be read") > 0;
            assert!(is_open, "after {:?} there was no {text:?}", String::from_utf8_lossy(&read));
            read.extend(byte);
        }
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&self) {
        kill_process(Pid::from_child(&self.0), Signal::INT).expect("it runs");
    }

    /// The status with which Ctrl-C ends it. It may have to be pressed again, if the program was not yet waiting for it.
    pub(crate) fn interrupted(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            self.interrupt();
            sleep(Duration::from_millis(100));
            if let Some(status) = self.0.try_wait().expect("it can be waited for") {
                return status.code();
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not end");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
