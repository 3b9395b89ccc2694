//! Standard error: progress, notes, warnings. Bars only on a terminal; elsewhere a line an evaluation, or a run of a
//! study.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use mtlift_study::{CostEstimate, Progress, Watch};
use mtlift_train::{EvaluationRecord, Observer, StepReport};

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
        let EvaluationRecord { step, epoch, rows, scores, selected, .. } = evaluation;
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
        let Progress { done, total, .. } = progress;
        self.line(&format!(
            "[{done}/{total}] {label}: {} ({seconds:.0} s; about {left} left)",
            scores.join(", ")
        ));
    }

    fn failed(&self, label: &str, error: &mtlift_study::Error) {
        self.line(&format!("warning: {label} failed: {error}"));
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
        self.screen.line(&format!("warning: {}: {message}", self.label));
    }

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

/// What a study will cost, as a table.
pub(crate) fn cost(estimate: &CostEstimate, jobs: usize) -> String {
    if estimate.finished == estimate.runs {
        return format!("{0} runs, {0} of them finished: nothing is left to do", estimate.runs);
    }
    let width = estimate.arms.iter().map(|arm| arm.arm.chars().count()).max().unwrap_or(0).max(3);
    // A sweep has more arms than anyone reads.
    const SHOWN: usize = 20;
    let mut lines = vec![format!("{:<width$}  minutes a seed     steps  MiB on disk", "arm")];
    for arm in estimate.arms.iter().take(SHOWN) {
        let (minutes, steps, disk) = (arm.minutes, arm.steps, arm.disk_mib);
        lines.push(format!("{:<width$}  {minutes:>14.1}  {steps:>8}  {disk:>11.1}", arm.arm));
    }
    if let Some(more) = estimate.arms.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        lines.push(format!("and {more} more arms"));
    }
    let memory = estimate.memory_mib.map_or(String::new(), |mib| format!(", {mib} MiB of memory"));
    let taken_over = match estimate.taken_over {
        0 => String::new(),
        some => format!(", {some} to be taken over"),
    };
    lines.push(format!(
        "{} runs, {} of them finished{taken_over}: about {} with {jobs} at a time ({:.0} tokens/s each), {:.0} MiB on disk{memory}",
        estimate.runs,
        estimate.finished,
        minutes(estimate.minutes),
        estimate.tokens_per_s,
        estimate.disk_mib,
    ));
    lines.join("\n")
}

fn minutes(minutes: f64) -> String {
    if minutes < 1.0 {
        format!("{:.0} s", (60.0 * minutes).max(0.0))
    } else if minutes < 90.0 {
        format!("{minutes:.0} min")
    } else {
        format!("{:.1} h", minutes / 60.0)
    }
}

/// Columns of the terminal.
pub(crate) fn width() -> usize {
    console::Term::stdout().size_checked().map_or(100, |(_, columns)| usize::from(columns))
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
