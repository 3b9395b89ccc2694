//! From finished runs to findings: scores, comparisons, cells, rules.
//!
//! A run that cannot be read is a warning and is left out: the rest of the study says what it can.

mod about;
mod against;
mod arms;
mod average;
mod best_run;
mod choices;
mod comparisons;
mod context;
mod curve;
mod ensembles;
mod gold_probability;
mod gradients;
mod next_look;
mod rules;
mod sight;
mod sizes;
mod spending;
mod together;
mod tuned;
mod warnings;
mod worst_groups;

use std::collections::{BTreeMap, BTreeSet};

use mtlift_eval::Judged;
use mtlift_report::{ArmFindings, Findings, NextLook, TaskFacts, Verdict};
use mtlift_schedule::Arm;
use mtlift_train::Protocol;
use rayon::prelude::*;

use crate::asked::Asked;
use crate::calibration::{self, Calibration, Draws};
use crate::error::Error;
use crate::plan::{Entry, Plan};
use crate::policy::Course;
use crate::spec::{Question, Spec, SupportSeed, Until};
use crate::store::{Finished, Store};
use crate::survey::Survey;
use crate::verdict;
use arms::Read;
use context::Context;
pub(crate) use spending::reached_in_words;

/// How a user calls this program.
#[derive(Clone, Copy, Debug)]
pub struct Invocation<'a> {
    /// The command that makes the study.
    pub command: &'a str,
    /// The flags with which every command finds the same data, if it needs any.
    pub places: &'a [String],
}

/// What the finished runs of a study show, as far as they are `asked` for of those in the whole plan.
pub(crate) fn findings(
    spec: &Spec,
    survey: &Survey,
    whole: &Plan,
    asked: &Asked<'_>,
    store: &Store,
    invocation: Invocation<'_>,
) -> Result<Findings, Error> {
    let plan = &*asked.now;
    let (results, mut warnings) = results(plan, store);
    for orphan in store.orphans(|id| whole.place(id).is_some())? {
        warnings.push(format!("run {} ({}) is not used: {}", orphan.id, orphan.label, orphan.reason));
    }
    warnings.extend(warnings::not_asked_for(whole, plan, store, spec.until));
    warnings.extend(warnings::failed(plan, store));
    warnings.extend(survey.all.iter().flat_map(|subject| subject.notes.iter().cloned()));
    warnings.extend(survey.of_score_rows(spec));
    if spec.settings.protocol == Protocol::Paper {
        warnings.push(
            "protocol paper selects the checkpoint on the same rows that it scores, so every score is too high"
                .to_owned(),
        );
    }
    if spec.support_seed == SupportSeed::Best && spec.has(Arm::Stilts) {
        warnings.push(
            "all seeds of stilts start from the same support model, so their spread does not show how much support models vary"
                .to_owned(),
        );
    }
    warnings.extend(warnings::models_of_mtlift_alone(spec));
    warnings.extend(warnings::analogues(spec));
    let context = Context { spec, survey, store, results };
    let read: Vec<(Read<'_>, Vec<String>)> =
        plan.entries.par_iter().map(|entry| context.read(entry)).collect();
    let mut arms: Vec<Read<'_>> = Vec::new();
    for (arm, troubles) in read {
        warnings.extend(troubles);
        arms.push(arm);
    }
    warnings.dedup();
    spending::set_dropped(&mut arms, asked);
    context.set_tuned(&mut arms, plan);

    context.gains(&mut arms)?;
    context.expectations(&mut arms)?;
    context.gold_probabilities(&mut arms)?;
    context.groups(&mut arms)?;
    warnings.extend(context.gradients(&mut arms));
    let ensembles = context.ensembles(&arms)?;
    let cells = context.cells(&arms)?;
    let size_curve = context.size_curve(&arms)?;
    let tasks: Vec<TaskFacts> = survey.all.iter().map(about::facts).collect();
    let (rules, regression) = match spec.question {
        Question::Sweep => (rules::rules(&cells)?, rules::regression(&cells, &tasks)),
        // A rule's record is of many pairs; what it says of these few stands in the verdict.
        _ => (Vec::new(), None),
    };
    let arms: Vec<ArmFindings> = arms.into_iter().map(|arm| arm.findings).collect();
    // Scores and errors have no common average.
    let targets: Vec<&TaskFacts> =
        survey.places(&spec.targets).filter_map(|place| tasks.get(place)).collect();
    let averaged = spec.question == Question::Sweep && targets.iter().all(|task| task.higher_is_better);
    let selected_on_dev = spec.settings.protocol == Protocol::Paper;
    let choices =
        if averaged { choices::choices(&targets, &tasks, &arms, selected_on_dev) } else { Vec::new() };
    let finished = |id: &str| context.results.get(id);
    let spending = spending::spending(spec, survey, whole, asked, finished)?;
    let mut verdicts = Vec::new();
    for target in &targets {
        let of_target: Vec<&ArmFindings> = arms.iter().filter(|arm| arm.target == target.name).collect();
        let verdict = verdict::verdict(target, &of_target, &cells, &tasks, spec);
        let run = context.best_run(target, &verdict, &of_target, invocation.places);
        let next = verdict.next.clone().map(|next| NextLook {
            command: next_look::with_seeds(invocation.command, spec, next.seeds),
            ..next
        });
        let verdict = Verdict { run, next, ..verdict };
        verdicts.push(match &spending {
            Some(spending) => spending::told(verdict, target, &of_target, spending, spec, invocation.command),
            None => verdict,
        });
    }
    warnings.extend(warnings::degenerate(&arms));
    warnings.extend(warnings::improving(&arms, spec));
    let finished = context.results.len();
    // A sum of nothing would be −0.
    let seconds = context.results.values().fold(0.0, |sum, run| sum + run.seconds);
    Ok(Findings {
        title: about::title(spec, survey),
        command: invocation.command.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model: spec.model.clone(),
        settings: about::settings(spec, survey),
        seeds: spec.seeds.clone(),
        looks: spec.looks.looks().to_vec(),
        selected_on_dev,
        progress: (finished, plan.runs().len()),
        minutes: Some(seconds / 60.0),
        spending,
        tasks,
        arms,
        verdicts,
        cells,
        choices,
        rules,
        regression,
        size_curve,
        ensembles,
        warnings,
    })
}

/// The finished runs by id, and a line on each that cannot be read.
fn results<'a>(plan: &'a Plan, store: &Store) -> (BTreeMap<&'a str, Finished>, Vec<String>) {
    let (mut results, mut warnings) = (BTreeMap::new(), Vec::new());
    for run in plan.runs().iter().filter(|run| store.is_finished(&run.id)) {
        match store.finished(&run.id) {
            Ok(finished) => drop(results.insert(run.id.as_str(), finished)),
            Err(error) => {
                warnings
                    .push(format!("run {} ({}) cannot be read and is left out: {error}", run.id, run.label));
            }
        }
    }
    (results, warnings)
}

/// How far a target has come, as the study's rule of when to stop says: a function of the first so many seeds at each look.
/// `is_over` says whether the runs of a chain are finished, or will not be.
pub(crate) fn course(
    spec: &Spec,
    survey: &Survey,
    plan: &Plan,
    store: &Store,
    target: usize,
    is_over: &dyn Fn(&[String]) -> bool,
) -> Result<Course, Error> {
    let until = spec.until.unwrap_or(Until::Decided);
    let entries: Vec<&Entry> = plan.entries.iter().filter(|entry| entry.target == target).collect();
    let ids: BTreeSet<&str> =
        entries.iter().flat_map(|entry| entry.chains.iter().flatten()).map(String::as_str).collect();
    let finished = ids.into_iter().filter(|id| store.is_finished(id));
    // What cannot be read is a warning of the report.
    let results = finished.filter_map(|id| Some((id, store.finished(id).ok()?))).collect();
    let context = Context { spec, survey, store, results };
    let arms: Vec<Read<'_>> = entries.into_par_iter().map(|entry| context.read(entry).0).collect();
    context.course(until, &arms, is_over)
}

/// Small studies drawn from the finished runs: every arm against itself, and against its target's `single`. With a line on
/// each run that could not be read and is left out.
pub(crate) fn calibration(
    spec: &Spec,
    survey: &Survey,
    plan: &Plan,
    store: &Store,
    draws: Draws,
) -> Result<(Vec<Calibration>, Vec<String>), Error> {
    let (results, mut warnings) = results(plan, store);
    let context = Context { spec, survey, store, results };
    let mut arms: Vec<Read<'_>> = Vec::new();
    for entry in &plan.entries {
        let (arm, troubles) = context.read(entry);
        warnings.extend(troubles);
        arms.push(arm);
    }
    let mut all = Vec::new();
    for arm in &arms {
        let pool: Vec<Judged> = arm.judged.values().cloned().collect();
        let name = format!("{}: {}", arm.findings.target, arm.findings.label);
        all.extend(calibration::against_itself(&name, &pool, &spec.looks, draws)?);
        let single = arms
            .iter()
            .find(|other| other.entry.target == arm.entry.target && other.entry.arm == Arm::Single);
        if let Some(single) = single.filter(|_| arm.entry.arm != Arm::Single) {
            let seeds: Vec<usize> =
                arm.judged.keys().filter(|seed| single.judged.contains_key(seed)).copied().collect();
            let of = |read: &Read<'_>| seeds.iter().map(|seed| read.judged[seed].clone()).collect::<Vec<_>>();
            let name = format!("{name} against single");
            all.extend(calibration::of_two(&name, &of(arm), &of(single), &spec.looks, draws)?);
        }
    }
    Ok((all, warnings))
}
