//! The report of a study that goes on, so that it can be opened at any time. It is written anew when a run has ended, by a thread of
//! its own, and not more often than lets the writing take a twentieth of the time: a report on hundreds of runs takes seconds.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Instant;

use anyhow::Result;
use mtlift_study::{Error, Made, Progress, Study, Watch, Workers};
use mtlift_train::Observer;

use crate::progress::Screen;

/// Of the time that a writing took, how long nothing is written after it.
const REST: u32 = 19;

/// Makes the study's runs, and lets `write` write its report while they are made. What cannot be written is said once: the report at
/// the end will say it again.
pub(crate) fn run(
    study: &Study,
    workers: Workers<'_>,
    screen: &Screen,
    write: impl FnMut() -> Result<()> + Send,
) -> Result<Made> {
    let (ended, runs) = channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if let Err(error) = keep(&runs, write) {
                screen.warn(&format!("no report until the end: {error:#}"));
            }
        });
        Ok(study.run(workers, &Told { screen, ended })?)
    })
}

/// Writes when a run has ended, until no more can; ends with the first error.
fn keep(runs: &Receiver<()>, mut write: impl FnMut() -> Result<()>) -> Result<()> {
    let mut are_more = runs.recv().is_ok();
    while are_more {
        let begun = Instant::now();
        // Those that ended before are in what is written now.
        while runs.try_recv().is_ok() {}
        write()?;
        let rested = Instant::now() + begun.elapsed() * REST;
        let mut has_ended = false;
        are_more = loop {
            match runs.recv_timeout(rested.saturating_duration_since(Instant::now())) {
                Ok(()) => has_ended = true,
                Err(RecvTimeoutError::Timeout) => break has_ended || runs.recv().is_ok(),
                Err(RecvTimeoutError::Disconnected) => break false,
            }
        };
    }
    Ok(())
}

/// The screen, with word of each run that ends for the report.
struct Told<'a> {
    screen: &'a Screen,
    ended: Sender<()>,
}

impl Watch for Told<'_> {
    fn begin(&self, progress: Progress) {
        self.screen.begin(progress);
    }

    fn run(&self, worker: usize, label: &str) -> Box<dyn Observer + '_> {
        self.screen.run(worker, label)
    }

    fn finished(&self, label: &str, scores: &[(String, f64)], seconds: f64, progress: Progress) {
        self.screen.finished(label, scores, seconds, progress);
        // Nobody hears it after an error of the report, which was said.
        let _ = self.ended.send(());
    }

    fn failed(&self, label: &str, error: &Error) {
        self.screen.failed(label, error);
    }

    fn looked(&self, line: &str) {
        self.screen.looked(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    /// The end of the study must not wait for the rest after a writing, and what ended in it needs no report of its own: there is one at
    /// the end.
    #[test]
    fn a_study_that_ends_waits_for_no_rest() {
        let (ended, runs) = channel();
        (0..3).for_each(|_| ended.send(()).expect("it is heard"));
        let mut ended = Some(ended);
        let mut written = 0;
        keep(&runs, || {
            written += 1;
            // As if the study's last run had ended while the report was written.
            ended.take().expect("one report").send(())?;
            Ok(())
        })
        .expect("a report");
        assert_eq!(written, 1);
    }

    #[test]
    fn a_run_that_ends_later_has_a_report_of_its_own() {
        let (ended, runs) = channel();
        ended.send(()).expect("it is heard");
        let (wrote, written) = channel();
        std::thread::scope(|scope| {
            scope.spawn(move || keep(&runs, || Ok(wrote.send(())?)).expect("reports"));
            for _ in 0..3 {
                written.recv().expect("a report");
                ended.send(()).expect("it is heard");
            }
            written.recv().expect("a report");
            drop(ended);
        });
    }

    #[test]
    fn a_report_that_cannot_be_written_is_tried_once() {
        let (ended, runs) = channel();
        ended.send(()).expect("it is heard");
        assert!(keep(&runs, || Err(anyhow!("the disk is full"))).is_err());
    }
}
