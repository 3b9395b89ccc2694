//! Ctrl-C and SIGTERM: the process says how to go on, and ends at once.
//!
//! Nothing is finished or removed on the way. What a run leaves on the disk is fit to be gone on with at any moment, as after a
//! kill, so there is no second way to end that could differ from it.

/// Ends the process at the first SIGINT or SIGTERM, with the status that a shell gives such an end: 130 or 143. `resume` is the
/// command that goes on with what was being made, if something can be gone on with.
#[cfg(unix)]
pub(crate) fn listen(resume: Option<String>) {
    use std::io::IsTerminal;

    use signal_hook::consts::{SIGINT, SIGTERM};

    let message = match resume {
        Some(command) => format!("stopped; go on with --resume:\n  {command}"),
        None => "stopped".to_owned(),
    };
    // Where the system refuses, it ends the process itself, without a word.
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // A line of its own, below a bar and the terminal's ^C.
            let line_break = if std::io::stderr().is_terminal() { "\n" } else { "" };
            // No other thread's line comes after it.
            let _last = std::io::stderr().lock();
            crate::progress::note(&format!("{line_break}{message}"));
            std::process::exit(128 + signal);
        }
    });
}

/// Elsewhere the system ends the process.
#[cfg(not(unix))]
pub(crate) fn listen(_: Option<String>) {}
