use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bedrock_stream_testkit::Case;
use tokio::process::{Child, Command};

use super::concluded::Concluded;
use super::environment;
use super::tail::Tail;
use crate::dialect::Dialect;
use crate::output::Failure;

/// The command that is judged.
pub(super) struct Subject {
    command: Vec<OsString>,
    dialect: Dialect,
    model: String,
    timeout: Duration,
}

impl Subject {
    pub(super) const fn new(
        command: Vec<OsString>,
        dialect: Dialect,
        model: String,
        timeout: Duration,
    ) -> Self {
        Self { command, dialect, model, timeout }
    }

    pub(super) fn model(&self) -> &str {
        &self.model
    }

    /// How long one run may take.
    pub(super) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Runs the command to its end. If this is dropped before, the command and all that it started are killed.
    ///
    /// # Errors
    ///
    /// The command cannot be started.
    pub(super) async fn run(&self, url: &str, case: &Case) -> Result<Concluded, Failure> {
        let (program, arguments) =
            self.command.split_first().ok_or_else(|| Failure::input("there is no command"))?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        // A group of its own, so that a shell's children can be killed with it.
        #[cfg(unix)]
        command.process_group(0);
        environment::set(&mut command, url, self.dialect, &self.model, self.timeout.as_secs_f64(), case);
        let cannot =
            |error| Failure::input(format_args!("cannot run {}: {error}", Path::new(program).display()));
        let mut child = command.spawn().map_err(cannot)?;
        let group = Group::of(&child);
        let (stdout, stderr) = (Tail::of(child.stdout.take()), Tail::of(child.stderr.take()));
        let status = child.wait().await.map_err(cannot)?;
        // What it leaves running would keep its port, its files and the output open for the runs that follow.
        drop(group);
        Ok(Concluded::new(status, &stdout.text().await, &stderr.text().await))
    }
}

/// A command with all that it started; dropping it kills them.
struct Group {
    #[cfg(unix)]
    id: Option<rustix::process::Pid>,
}

#[cfg(unix)]
impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self { id: id.and_then(rustix::process::Pid::from_raw) }
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            // Often none is left.
            let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(not(unix))]
impl Group {
    const fn of(_: &Child) -> Self {
        Self {}
    }
}
