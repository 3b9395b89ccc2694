//! One run: a line an evaluation, and on a terminal a bar for its steps.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mtlift_train::{EvaluationRecord, Observer, StepReport};

use super::write_line;

/// Shows a run to the user.
pub(crate) struct Terminal {
    bar: ProgressBar,
    started: Instant,
    tokens: usize,
    /// Whether what is not a warning is left out.
    warnings_only: bool,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        Self { bar: ProgressBar::hidden(), started: Instant::now(), tokens: 0, warnings_only: false }
    }

    /// Shows warnings alone: for work on many runs, where notes on each would be too much.
    pub(crate) fn warnings() -> Self {
        let mut terminal = Self::new();
        terminal.warnings_only = true;
        terminal
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
        if !self.warnings_only {
            self.line(message);
        }
    }

    fn begin(&mut self, done: u64, total: u64) {
        if done > 0 {
            self.line(&format!("resuming after step {done} of {total}"));
        }
        if std::io::stderr().is_terminal() {
            let style = "{bar:24} {pos}/{len} steps, {eta} left{msg}";
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
            .set_message(format!(", loss {:.4}, rate {learning_rate:.2e}, {speed:.0} tokens/s", report.loss));
    }

    fn evaluation(&mut self, evaluation: &EvaluationRecord) {
        let EvaluationRecord { step, epoch, rows, scores, worst_group, selected, .. } = evaluation;
        let scores: Vec<String> =
            scores.iter().map(|(metric, score)| format!("{metric} {:.4}", score.value)).collect();
        let worst = worst_group.as_ref().map_or(String::new(), |worst| {
            format!(", worst group {} {:.4} ({} rows)", worst.group, worst.accuracy, worst.rows)
        });
        let best = if *selected { ", the best so far" } else { "" };
        self.line(&format!("step {step}, epoch {epoch:.2}: {}{worst} on {rows}{best}", scores.join(", ")));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
