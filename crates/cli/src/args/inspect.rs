use std::path::PathBuf;

use crate::output::ColorChoice;

#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// The file [default: standard input, as with -]
    pub(crate) file: Option<PathBuf>,
    /// The arrival times, as written by `converse --record` [default: FILE.times, if it exists]
    #[arg(long, value_name = "FILE")]
    pub(crate) times: Option<PathBuf>,
    /// Write an HTML page with a timeline instead of text. The page is self-contained
    #[arg(long)]
    pub(crate) html: bool,
    /// Write the report to a file, and print only the summary [default: standard output, as with -]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Let --output overwrite an existing file
    #[arg(long)]
    pub(crate) force: bool,
    /// Show payloads and headers in full, not just a few lines of each
    #[arg(long)]
    pub(crate) full: bool,
    /// The line width in columns [default: the terminal's, or 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(48..))]
    pub(crate) width: Option<u16>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorChoice,
}
