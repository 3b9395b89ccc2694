//! Standard error: progress, notes, warnings. Bars only on a terminal; elsewhere a line an evaluation, or a run of a
//! study.

mod cost;
mod fetch;
mod run;
mod study;

use std::io::Write;

pub(crate) use cost::cost;
pub(crate) use fetch::Fetching;
pub(crate) use mtlift_report::minutes;
pub(crate) use run::Terminal;
pub(crate) use study::Screen;

/// Prints an error and its causes, but for those that its message ends in already.
pub(crate) fn error(error: &anyhow::Error) {
    let mut line = format!("error: {error}");
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !line.ends_with(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    write_line(&line);
}

/// Prints something worth a line.
pub(crate) fn note(message: &str) {
    write_line(message);
}

/// Prints a warning.
pub(crate) fn warn(message: &str) {
    write_line(&format!("warning: {message}"));
}

/// Nobody is left to tell where standard error cannot be written.
fn write_line(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
