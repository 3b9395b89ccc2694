//! How a study is made: where, with how many workers, and what is printed. The question is another's.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use mtlift_study::{KeepModels, Made, Spec, Study, Workers};

use super::subjects::Subjects;
use super::{live_report, report};
use crate::command_line;
use crate::misuse::Misuse;
use crate::options::{Common, Untouched, one_of, set};
use crate::progress::{self, Screen, Terminal};
use crate::stdout;

/// A study that needs no flags.
pub(crate) struct Tour<'a> {
    /// Where it is made without --out, and goes on without --resume.
    pub(crate) out: &'a str,
    /// What to do when it is finished.
    pub(crate) next: &'a str,
}

/// The flags of the making.
#[derive(Args)]
pub(crate) struct Making {
    /// The study's directory
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Continue the study in --out, or add to it
    #[arg(long)]
    resume: bool,
    /// Runs at a time, with the threads divided among them [default: one for each thread, at most 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Which models stay on disk: all, or needed (those that an unfinished run starts from) [default: all for compare, needed
    /// for sweep and size-curve]
    #[arg(long, value_name = "WHICH", value_parser = one_of(&KeepModels::ALL, KeepModels::name))]
    keep_models: Option<KeepModels>,
    /// Take finished runs from another study where both have the same
    #[arg(long, value_name = "STUDY")]
    reuse: Option<PathBuf>,
    /// Print the study file that asks this question, and stop
    #[arg(long)]
    print_study: bool,
    /// Print the cost, and stop
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    common: Common,
}

impl Making {
    /// Makes the runs that are left, within a `budget` if there is one, and writes the report.
    pub(crate) fn make(
        &self,
        mut spec: Spec,
        tour: Option<&Tour<'_>>,
        budget: Option<Duration>,
    ) -> Result<ExitCode> {
        set(&mut spec.keep_models, self.keep_models);
        if self.print_study {
            stdout::print(&toml::to_string(&spec).context("cannot write the study file")?)?;
            return Ok(ExitCode::SUCCESS);
        }
        spec.check()?;
        if budget.is_some() && spec.until.is_none() {
            return Err(Misuse(
                "--budget needs --until, which says what is made first: give --until decided".to_owned(),
            )
            .into());
        }
        let Common { threads, home, cache, output } = &self.common;
        let (out, resume) = match (&self.out, tour) {
            (Some(out), _) => (out.as_path(), self.resume),
            (None, Some(tour)) => (Path::new(tour.out), self.resume || Path::new(tour.out).exists()),
            (None, None) => return Err(Misuse("missing --out DIR".to_owned()).into()),
        };
        if let Some(other) = &self.reuse {
            Study::spec_of(other)?;
        }
        let subjects = Subjects::find(&spec, home, cache)?;
        let sources = subjects.sources();
        Untouched::home(home).model(sources.model).check(out)?;
        let all = threads.count();
        let jobs = self.jobs.map_or(all.min(4), usize::from);
        let each = (all / jobs).max(1);

        let mut terminal = Terminal::warnings();
        let (study, grown) =
            threads.with(each, || Study::open(&spec, sources, out, resume, &mut terminal))??;
        if resume && !self.resume {
            progress::note(&format!("{} is there already and goes on; --out makes another", out.display()));
        }
        for more in grown {
            progress::note(&format!("the study grows: {more}"));
        }
        study.notes().iter().for_each(|note| progress::note(note));
        let estimate = study.estimate(jobs, self.reuse.as_deref())?;
        progress::note(&progress::cost(&estimate, jobs));
        if let (Some(until), true) = (spec.until, estimate.finished < estimate.runs) {
            progress::note(&format!(
                "this is the most that it may take: --until {until} stops as soon as it has enough"
            ));
        }
        if spec.keep_models == KeepModels::Needed && estimate.finished < estimate.runs {
            progress::note(&format!(
                "no models are kept, and `mtlift submit` and `mtlift predict --model STUDY` need them: --keep-models all keeps \
                 them, {:.0} MiB",
                estimate.models_mib
            ));
        }
        if self.dry_run {
            if output.json {
                stdout::print_json(&estimate)?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        let screen = Screen::new(jobs, estimate.minutes);
        let workers =
            Workers { jobs, threads: each, cache: sources.cache, reuse: self.reuse.as_deref(), budget };
        let command = command_line::from_nothing();
        let write = || report::refresh(&study, &command, &self.common, 1).map(|_| ());
        let Made { failures, out_of_budget } = live_report::run(&study, workers, &screen, write)?;
        drop(screen);
        if out_of_budget {
            progress::note(&format!(
                "the budget is spent; go on with --resume:\n  {}",
                command_line::going_on()
            ));
        }

        report::write(&study, out, &command, &self.common)?;
        if let (Some(tour), false) = (tour, output.json) {
            stdout::print(&format!("\n{}", tour.next))?;
        }
        if failures.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        progress::warn(&format!(
            "{} of the runs failed, for the reasons above; run again with --resume to retry them and the runs that start from them",
            failures.len()
        ));
        Ok(ExitCode::from(1))
    }
}
