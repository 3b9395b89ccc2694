//! How the tasks of mixed arms went together in training, from the lines of their steps. A step is little and noisy, so a phase
//! is shown in equal parts.

use std::collections::BTreeSet;

use mtlift_report::{Along, CurvePoint, GradientPair, Gradients, TaskGradient};
use mtlift_schedule::Architecture;
use mtlift_train::StepRecord;

use super::arms::Read;
use super::average::mean;
use super::context::Context;

/// Parts of a phase.
const PARTS: usize = 40;

/// Epochs and values of a seed's steps.
type Series = Vec<(f64, f64)>;

impl Context<'_> {
    /// Sets what the mixed arms' steps say, where they say something: of arms with a rule or an adversary, and where conflict was recorded. Gives
    /// lines on runs without a record of it, and on what cannot be read.
    pub(super) fn gradients(&self, arms: &mut [Read<'_>]) -> Vec<String> {
        let (mut troubles, mut without, mut mixed) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for arm in arms {
            let has_rule = !arm.entry.arm.combine.unwrap_or(self.spec.mixing.combine).is_sum();
            let architecture = self.spec.architecture_of(&arm.entry.arm);
            let has_adversary = matches!(architecture, Some(Architecture::SharedPrivate { .. }));
            if !has_rule && !has_adversary && self.spec.conflict_every.is_none() {
                continue;
            }
            let runs = arm.judged.keys().filter_map(|&place| self.mixed_run(&arm.entry.chains[place]));
            let mut seeds = Vec::new();
            for (id, _) in runs.filter(|(_, run)| run.result.tasks().count() > 1) {
                match self.store.files(id).steps() {
                    Ok(steps) => seeds.push(steps),
                    Err(error) => {
                        troubles.push(format!("what run {id} says of its gradients is left out: {error}"));
                        continue;
                    }
                }
                mixed.insert(id);
                if !seeds.last().into_iter().flatten().any(is_recorded) {
                    without.insert(id);
                }
            }
            arm.findings.gradients = gradients(&arm.findings.target, &seeds);
        }
        if self.spec.conflict_every.is_some() && !without.is_empty() {
            troubles.push(format!(
                "{} of {} mixed runs were made without --conflict-every, and are not among the norms and cosines of gradients: to have \
                 all of them, make the study again in another --out",
                without.len(),
                mixed.len()
            ));
        }
        troubles
    }
}

/// Whether a step was looked at.
fn is_recorded(step: &StepRecord) -> bool {
    step.tasks.iter().any(|task| task.grad_norm.is_some())
}

/// What the steps of an arm's seeds say, the target's part first; none where they say nothing.
fn gradients(target: &str, seeds: &[Vec<StepRecord>]) -> Option<Gradients> {
    let mut names: Vec<&str> = Vec::new();
    for task in seeds.iter().flatten().flat_map(|step| &step.tasks) {
        if !names.contains(&task.task.as_str()) {
            names.push(&task.task);
        }
    }
    names.sort_by_key(|name| *name != target);
    let place = |name: &str| names.iter().position(|known| *known == name).unwrap_or(names.len());
    let mut weights = vec![vec![Series::new(); seeds.len()]; names.len()];
    let (mut norms, mut told) = (weights.clone(), weights.clone());
    let mut cosines = vec![vec![vec![Series::new(); seeds.len()]; names.len()]; names.len()];
    for (seed, steps) in seeds.iter().enumerate() {
        for step in steps {
            for (at, task) in step.tasks.iter().enumerate() {
                let own = place(&task.task);
                weights[own][seed].extend(task.weight.map(|weight| (step.epoch, weight)));
                norms[own][seed].extend(task.grad_norm.map(|norm| (step.epoch, norm)));
                told[own][seed].extend(task.adversary_accuracy.map(|share| (step.epoch, share)));
                for (other, &cosine) in step.tasks[..at].iter().zip(&task.cosines) {
                    let other = place(&other.task);
                    cosines[own.min(other)][own.max(other)][seed].push((step.epoch, cosine));
                }
            }
        }
    }
    let tasks = names.iter().enumerate().map(|(place, name)| TaskGradient {
        task: (*name).to_owned(),
        weight: along(&weights[place]),
        norm: along(&norms[place]),
        adversary_accuracy: along(&told[place]),
    });
    let pair = |(one, other): (usize, usize)| {
        let series = &cosines[one][other];
        let opposed = |series: &Series| mean(series.iter().map(|(_, cosine)| f64::from(*cosine < 0.0)));
        Some(GradientPair {
            tasks: [names[one], names[other]].map(str::to_owned),
            cosine: along(series)?,
            opposed: mean(series.iter().filter(|series| !series.is_empty()).map(opposed)),
        })
    };
    let pairs = (0..names.len()).flat_map(|one| (one + 1..names.len()).map(move |other| (one, other)));
    let found = Gradients { tasks: tasks.collect(), pairs: pairs.filter_map(pair).collect() };
    let says = |task: &TaskGradient| {
        [&task.weight, &task.norm, &task.adversary_accuracy].into_iter().any(Option::is_some)
    };
    found.tasks.iter().any(says).then_some(found)
}

/// The seeds' series as one; none without a value.
fn along(seeds: &[Series]) -> Option<Along> {
    let seeds: Vec<&Series> = seeds.iter().filter(|series| !series.is_empty()).collect();
    let last = seeds.iter().copied().flatten().map(|(epoch, _)| *epoch).fold(0.0, f64::max);
    let part = |epoch: f64| ((epoch / last * PARTS as f64).ceil() as usize).clamp(1, PARTS) - 1;
    let mut parts = vec![vec![Series::new(); seeds.len()]; PARTS];
    for (seed, series) in seeds.iter().enumerate() {
        series.iter().for_each(|&(epoch, value)| parts[part(epoch)][seed].push((epoch, value)));
    }
    let means = |of: &Vec<Series>, number: fn(&(f64, f64)) -> f64| -> Vec<f64> {
        of.iter().filter(|series| !series.is_empty()).map(|series| mean(series.iter().map(number))).collect()
    };
    let point = |of: &Vec<Series>| {
        let values = means(of, |(_, value)| *value);
        (!values.is_empty()).then(|| CurvePoint {
            epoch: mean(means(of, |(epoch, _)| *epoch).into_iter()),
            mean: mean(values.iter().copied()),
            low: values.iter().copied().fold(f64::INFINITY, f64::min),
            high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    };
    let of_seed = |series: &&Series| mean(series.iter().map(|(_, value)| *value));
    (!seeds.is_empty()).then(|| Along {
        mean: mean(seeds.iter().map(of_seed)),
        points: parts.iter().filter_map(point).collect(),
    })
}

#[cfg(test)]
mod tests {
    use mtlift_train::TaskStep;

    use super::*;

    /// A task's name, weight, norm and cosines.
    type OfTask<'a> = (&'a str, Option<f64>, Option<f64>, &'a [f64]);

    fn step(epoch: f64, tasks: &[OfTask<'_>]) -> StepRecord {
        let task = |&(name, weight, grad_norm, cosines): &OfTask<'_>| TaskStep {
            task: name.to_owned(),
            rows: 4,
            loss: 0.7,
            weight,
            grad_norm,
            cosines: cosines.to_vec(),
            adversary_accuracy: None,
        };
        let tasks = tasks.iter().map(task).collect();
        StepRecord { step: 1, epoch, learning_rate: 1e-3, loss: 1.0, grad_norm: 1.0, tokens: 64, tasks }
    }

    #[test]
    fn norms_and_cosines_are_means_over_steps_and_seeds() {
        let seed = |norm: f64, cosine: f64| {
            vec![
                step(0.5, &[("a", None, Some(norm), &[]), ("b", None, Some(1.0), &[cosine])]),
                step(1.0, &[("a", None, None, &[]), ("b", None, None, &[])]),
                // The order of a line's tasks is that of its run, and a step may lack one.
                step(1.5, &[("b", None, Some(3.0), &[])]),
                step(2.0, &[("a", None, Some(norm), &[]), ("b", None, Some(2.0), &[-0.25])]),
            ]
        };
        let found = gradients("a", &[seed(1.0, 0.5), seed(3.0, -0.5)]).expect("a record");
        let [a, b] = &found.tasks[..] else { panic!("two tasks") };
        assert_eq!((a.task.as_str(), b.task.as_str()), ("a", "b"));
        assert!(a.weight.is_none());
        let (a, b) = (a.norm.as_ref().expect("a norm"), b.norm.as_ref().expect("a norm"));
        assert_eq!((a.mean, b.mean), (2.0, 2.0));
        assert_eq!(b.points.iter().map(|point| point.epoch).collect::<Vec<_>>(), [0.5, 1.5, 2.0]);
        assert_eq!((a.points[0].mean, a.points[0].low, a.points[0].high), (2.0, 1.0, 3.0));
        let [pair] = &found.pairs[..] else { panic!("one pair") };
        assert_eq!(pair.tasks, ["a", "b"]);
        assert_eq!((pair.cosine.mean, pair.opposed), (-0.125, 0.75));
    }

    #[test]
    fn a_long_phase_is_shown_in_equal_parts() {
        let steps: Vec<StepRecord> = (1..=1000)
            .map(|at| step(f64::from(at) / 100.0, &[("a", Some(f64::from(at)), None, &[])]))
            .collect();
        let found = gradients("a", &[steps]).expect("weights");
        let weight = found.tasks[0].weight.as_ref().expect("weights");
        assert_eq!((weight.points.len(), weight.mean), (PARTS, 500.5));
        assert_eq!((weight.points[0].mean, weight.points[39].mean), (13.0, 988.0));
        assert!(found.pairs.is_empty());
    }

    #[test]
    fn what_an_adversary_told_is_of_each_task() {
        let told = |epoch: f64, of: [f64; 2]| {
            let mut step = step(epoch, &[("a", None, None, &[]), ("b", None, None, &[])]);
            step.tasks.iter_mut().zip(of).for_each(|(task, of)| task.adversary_accuracy = Some(of));
            step
        };
        let found = gradients("b", &[vec![told(1.0, [0.75, 0.5]), told(2.0, [0.25, 0.0])]]).expect("shares");
        let shares = |task: &TaskGradient| {
            let along = task.adversary_accuracy.clone().expect("a share");
            (along.mean, along.points.iter().map(|point| point.mean).collect::<Vec<_>>())
        };
        assert_eq!(found.tasks.iter().map(|task| &*task.task).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(
            found.tasks.iter().map(shares).collect::<Vec<_>>(),
            [(0.25, vec![0.5, 0.0]), (0.5, vec![0.75, 0.25])]
        );
    }

    #[test]
    fn steps_without_weights_or_norms_say_nothing() {
        assert_eq!(
            gradients("b", &[vec![step(1.0, &[("a", None, None, &[]), ("b", None, None, &[])])]]),
            None
        );
        assert_eq!(gradients("a", &[]), None);
    }
}
