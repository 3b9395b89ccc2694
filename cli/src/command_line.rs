//! The command line as the user gave it, in words that a shell reads back.

use mtlift_study::shell_line;

const RESUME: &str = "--resume";

/// The command that makes this from nothing.
pub(crate) fn from_nothing() -> String {
    shell_line(["mtlift".to_owned()].into_iter().chain(arguments()))
}

/// The command that goes on with this, by the same program.
pub(crate) fn going_on() -> String {
    let program = std::env::args_os().next().map(|name| name.to_string_lossy().into_owned());
    let program = program.unwrap_or_else(|| "mtlift".to_owned());
    shell_line([program].into_iter().chain(arguments()).chain([RESUME.to_owned()]))
}

/// What was given, but for `--resume`.
fn arguments() -> impl Iterator<Item = String> {
    let given = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    given.filter(|word| word != RESUME)
}
