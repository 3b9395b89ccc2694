//! Standard error: progress, notes, warnings. Bars only on a terminal; elsewhere a line an evaluation.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mtlift_train::{EvaluationRecord, Observer, StepReport};

/// Shows a run to the user.
pub(crate) struct Terminal {
    bar: ProgressBar,
    started: Instant,
    tokens: usize,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        Self { bar: ProgressBar::hidden(), started: Instant::now(), tokens: 0 }
    }

    fn line(&self, line: &str) {
        self.bar.suspend(|| write_line(line));
    }
}

impl Observer for Terminal {
    fn warn(&mut self, message: &str) {
        self.line(&format!("warning: {message}"));
    }

    fn note(&mut self, message: &str) {
        self.line(message);
    }

    fn begin(&mut self, done: u64, total: u64) {
        if done > 0 {
            self.line(&format!("going on after step {done} of {total}"));
        }
        if std::io::stderr().is_terminal() {
            let style = "{bar:24} {pos}/{len} steps, {eta} left, {msg}";
            let style = ProgressStyle::with_template(style).expect("the template is valid");
            self.bar =
                ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr()).with_style(style);
            self.bar.set_position(done);
            self.bar.reset_eta();
            self.bar.enable_steady_tick(Duration::from_millis(250));
        }
        self.started = Instant::now();
    }

    fn step(&mut self, step: u64, learning_rate: f64, report: &StepReport) {
        self.tokens += report.tokens;
        let speed = self.tokens as f64 / self.started.elapsed().as_secs_f64();
        self.bar.set_position(step);
        self.bar
            .set_message(format!("loss {:.4}, rate {learning_rate:.2e}, {speed:.0} tokens/s", report.loss));
    }

    fn evaluation(&mut self, evaluation: &EvaluationRecord) {
        let EvaluationRecord { step, epoch, rows, scores, selected } = evaluation;
        let scores: Vec<String> =
            scores.iter().map(|(metric, score)| format!("{metric} {:.4}", score.value)).collect();
        let best = if *selected { ", the best so far" } else { "" };
        self.line(&format!("step {step}, epoch {epoch:.2}: {} on {rows}{best}", scores.join(", ")));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

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
