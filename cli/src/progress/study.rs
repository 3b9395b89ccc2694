//! The runs of a study: a line for each that ends, and on a terminal a bar for the whole and one for each worker.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use mtlift_report::minutes;
use mtlift_study::{Progress, Watch};
use mtlift_train::{EvaluationRecord, Observer, StepReport};

use super::write_line;

/// Shows a study to the user: a bar for the whole and one for each worker on a terminal, else a line for each run.
pub(crate) struct Screen {
    bars: MultiProgress,
    whole: ProgressBar,
    workers: Vec<ProgressBar>,
    started: Instant,
    /// What the whole is estimated to take.
    minutes: f64,
}

impl Screen {
    /// For `jobs` workers and a study that is estimated to take `minutes`.
    pub(crate) fn new(jobs: usize, minutes: f64) -> Self {
        let bars = MultiProgress::with_draw_target(if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        });
        let bar = |template: &str| {
            let style = ProgressStyle::with_template(template).expect("the template is valid");
            let bar = bars.add(ProgressBar::new(0).with_style(style));
            bar.enable_steady_tick(Duration::from_millis(500));
            bar
        };
        let whole = bar("{bar:24} {pos}/{len} runs, {elapsed} gone, {msg}");
        let worker = |_| {
            let worker = bar("  {bar:22} {pos}/{len} steps, {msg}");
            worker.set_length(1);
            worker.with_message("waiting")
        };
        let workers = (0..jobs).map(worker).collect();
        Self { bars, whole, workers, started: Instant::now(), minutes }
    }

    /// Prints a warning.
    pub(crate) fn warn(&self, message: &str) {
        self.line(&format!("warning: {message}"));
    }

    fn line(&self, line: &str) {
        self.bars.suspend(|| write_line(line));
    }

    fn show(&self, progress: &Progress) -> String {
        let gone = self.started.elapsed().as_secs_f64() / 60.0;
        let left = minutes(minutes_left(progress.left, gone, self.minutes));
        self.whole.set_length(progress.total as u64);
        self.whole.set_position(progress.done as u64);
        self.whole.set_message(format!("about {left} left"));
        left
    }
}

/// Minutes left where a share `left` of the cost is: by the estimate for the whole while little is done, then by what was done
/// in the minutes that are gone.
fn minutes_left(left: f64, gone: f64, estimate: f64) -> f64 {
    // By then the machine's speed shows.
    const ENOUGH: f64 = 0.1;
    let done = 1.0 - left;
    let trust = (done / ENOUGH).min(1.0);
    let measured = if done > 0.0 { gone / done } else { estimate };
    left * (trust * measured + (1.0 - trust) * estimate)
}

impl Watch for Screen {
    fn begin(&self, progress: Progress) {
        self.show(&progress);
    }

    fn run(&self, worker: usize, label: &str) -> Box<dyn Observer + '_> {
        Box::new(Line { screen: self, bar: &self.workers[worker], label: label.to_owned() })
    }

    fn finished(&self, label: &str, scores: &[(String, f64)], seconds: f64, progress: Progress) {
        let left = self.show(&progress);
        let scores: Vec<String> =
            scores.iter().map(|(task, score)| format!("{task} {:.1}", 100.0 * score)).collect();
        let scores = if scores.is_empty() { String::new() } else { format!(": {}", scores.join(", ")) };
        let Progress { done, total, .. } = progress;
        self.line(&format!("[{done}/{total}] {label}{scores} ({seconds:.0} s; about {left} left)"));
    }

    fn failed(&self, label: &str, error: &mtlift_study::Error) {
        self.warn(&format!("{label} failed: {error}"));
    }

    fn looked(&self, line: &str) {
        self.line(line);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.workers.iter().chain([&self.whole]).for_each(ProgressBar::finish_and_clear);
    }
}

/// A worker's line of the screen.
struct Line<'a> {
    screen: &'a Screen,
    bar: &'a ProgressBar,
    label: String,
}

impl Observer for Line<'_> {
    fn warn(&mut self, message: &str) {
        self.screen.warn(&format!("{}: {message}", self.label));
    }

    fn warn_of_data(&mut self, _: &str) {}

    fn note(&mut self, _: &str) {}

    fn begin(&mut self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
        self.bar.set_message(self.label.clone());
    }

    fn step(&mut self, step: u64, _: f64, _: &StepReport) {
        self.bar.set_position(step);
    }

    fn evaluation(&mut self, _: &EvaluationRecord) {}
}

#[cfg(test)]
mod tests {
    use super::minutes_left;

    #[test]
    fn the_time_left_turns_from_the_estimate_to_what_was_measured() {
        assert_eq!(minutes_left(1.0, 0.0, 60.0), 60.0);
        // A machine of half the speed, as soon as a tenth is done.
        assert!((minutes_left(0.9, 12.0, 60.0) - 108.0).abs() < 1e-9);
        // Between the two before.
        let between = minutes_left(0.95, 6.0, 60.0);
        assert!((57.0..114.0).contains(&between), "{between}");
        assert_eq!(minutes_left(0.0, 50.0, 60.0), 0.0);
    }
}
