//! Files on their way: a line for each that came, and on a terminal a bar.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{DecimalBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use mtlift_hub::Observer;

use super::write_line;

/// Shows a fetch to the user.
pub(crate) struct Fetching {
    bar: ProgressBar,
    file: String,
}

impl Fetching {
    pub(crate) fn new() -> Self {
        Self { bar: ProgressBar::hidden(), file: String::new() }
    }
}

impl Observer for Fetching {
    fn begin(&mut self, file: &str, bytes: Option<u64>, here: u64) {
        self.file = file.to_owned();
        if here > 0 {
            self.note(&format!("{file}: going on after {}", DecimalBytes(here)));
        }
        self.bar = ProgressBar::hidden();
        if std::io::stderr().is_terminal() {
            let style =
                "{bar:24} {decimal_bytes}/{decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left, {msg}";
            let style = ProgressStyle::with_template(style).expect("the template is valid");
            let target = ProgressDrawTarget::stderr();
            self.bar = ProgressBar::with_draw_target(bytes, target)
                .with_style(style)
                .with_message(self.file.clone());
            self.bar.set_position(here);
            self.bar.reset_eta();
            self.bar.enable_steady_tick(Duration::from_millis(250));
        }
    }

    fn position(&mut self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    fn end(&mut self, bytes: u64) {
        self.bar.finish_and_clear();
        write_line(&format!("{}: {}", self.file, DecimalBytes(bytes)));
    }

    fn note(&mut self, message: &str) {
        self.bar.suspend(|| write_line(message));
    }
}

impl Drop for Fetching {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
