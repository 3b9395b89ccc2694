//! What an epoch shows of each task, and how its batches are put together.

use std::collections::BTreeMap;

use mtlift_schedule::{BatchKind, Epoch, Exposure, Mix, Mixture, Row, Sampler};
use proptest::{collection::vec, prelude::*};

use crate::sampler::SAMPLERS;
use crate::words::{SplitMix64, streams};

const EPOCHS: u64 = 4;

#[derive(Clone, Debug)]
struct Setting {
    mix: Mix,
    sizes: Vec<usize>,
    gaps: Vec<f64>,
    target: usize,
    batch: usize,
    seed: u64,
}

impl Setting {
    fn mixture(&self) -> Mixture {
        Mixture::check(self.mix, &self.sizes, self.target, self.batch, EPOCHS).unwrap()
    }

    /// All epochs, each with the rows consumed before it.
    fn run(&self) -> Vec<(Vec<u64>, Epoch)> {
        let mixture = self.mixture();
        let mut consumed = vec![0; self.sizes.len()];
        (0..EPOCHS)
            .map(|epoch| {
                let drawn = mixture.epoch(epoch, &consumed, Some(&self.gaps), streams(self.seed));
                let before = consumed.clone();
                for (consumed, rows) in consumed.iter_mut().zip(mixture.plan(epoch, Some(&self.gaps)).rows) {
                    *consumed += rows;
                }
                (before, drawn)
            })
            .collect()
    }

    fn rows_of(&self, epoch: &Epoch, task: usize) -> Vec<u32> {
        epoch.batches().flatten().filter(|row| row.task as usize == task).map(|row| row.row).collect()
    }
}

fn settings() -> impl Strategy<Value = Setting> {
    let tasks = vec((1usize..60, -0.5..1.0f64), 1..5);
    let kind = (0usize..8, 0usize..4, 0usize..3);
    (tasks, kind, 0usize..20, 0usize..5, any::<u64>()).prop_map(|(tasks, kind, more, target, seed)| {
        let (sizes, gaps): (Vec<_>, Vec<_>) = tasks.into_iter().unzip();
        let (sampler, batches, exposure) = (SAMPLERS[kind.0], BatchKind::ALL[kind.1], Exposure::ALL[kind.2]);
        Setting {
            mix: Mix { sampler, batches, exposure },
            target: target % sizes.len(),
            // Truncating needs a row for each task; the others are tried with less.
            batch: more + if exposure == Exposure::Truncating { sizes.len() } else { 1 },
            sizes,
            gaps,
            seed,
        }
    })
}

fn with_exposure(exposure: Exposure) -> impl Strategy<Value = Setting> {
    settings().prop_map(move |mut setting| {
        setting.mix.exposure = exposure;
        setting.batch += setting.sizes.len();
        setting
    })
}

fn with_batches(batches: BatchKind) -> impl Strategy<Value = Setting> {
    settings().prop_map(move |mut setting| {
        setting.mix.batches = batches;
        setting
    })
}

/// How often each number occurs.
fn counts(rows: &[u32]) -> BTreeMap<u32, usize> {
    rows.iter().fold(BTreeMap::new(), |mut counts, &row| {
        *counts.entry(row).or_default() += 1;
        counts
    })
}

proptest! {
    #[test]
    fn an_epoch_is_as_planned(setting in settings()) {
        let mixture = setting.mixture();
        for (number, (_, epoch)) in (0..).zip(setting.run()) {
            let plan = mixture.plan(number, Some(&setting.gaps));
            prop_assert_eq!(epoch.batches().len() as u64, plan.steps);
            for (task, &rows) in plan.rows.iter().enumerate() {
                prop_assert_eq!(setting.rows_of(&epoch, task).len() as u64, rows);
                prop_assert!(rows >= 1);
            }
        }
        prop_assert_eq!(mixture.first_steps(), mixture.plan(0, None).steps);
    }

    #[test]
    fn no_batch_is_empty_or_too_large(setting in settings()) {
        for (_, epoch) in setting.run() {
            for (step, batch) in (0..).zip(epoch.batches()) {
                prop_assert!((1..=setting.batch).contains(&batch.len()), "step {}: {}", step, batch.len());
                prop_assert_eq!(epoch.batch(step), batch);
                for row in batch {
                    prop_assert!((row.row as usize) < setting.sizes[row.task as usize]);
                }
            }
        }
    }

    /// An epoch can be drawn alone, and again, from the rows consumed; another seed gives another.
    #[test]
    fn an_epoch_depends_on_its_arguments_alone(setting in settings()) {
        let mixture = setting.mixture();
        for (number, (consumed, epoch)) in (0..).zip(setting.run()) {
            let alone = |seed| mixture.epoch(number, &consumed, Some(&setting.gaps), streams(seed));
            prop_assert_eq!(&alone(setting.seed), &epoch);
            if epoch.batches().flatten().count() > 20 && setting.sizes.iter().any(|&size| size > 20) {
                prop_assert_ne!(alone(setting.seed.wrapping_add(1)), epoch);
            }
        }
    }

    #[test]
    fn each_name_is_asked_for_once_in_an_epoch(setting in settings()) {
        let mixture = setting.mixture();
        for (number, (consumed, _)) in (0..).zip(setting.run()) {
            let mut names = Vec::new();
            mixture.epoch(number, &consumed, Some(&setting.gaps), |name| {
                names.push(name);
                SplitMix64(0)
            });
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            prop_assert_eq!(names.len(), all);
        }
    }

    #[test]
    fn target_full_shows_every_target_row_once(setting in with_exposure(Exposure::TargetFull)) {
        for (_, epoch) in setting.run() {
            let mut rows = setting.rows_of(&epoch, setting.target);
            rows.sort_unstable();
            prop_assert_eq!(rows, (0..setting.sizes[setting.target] as u32).collect::<Vec<_>>());
        }
    }

    /// Over all epochs, each stretch of a task's stream that is as long as the task is a permutation of its
    /// rows.
    #[test]
    fn target_full_repeats_no_row_before_a_pass_is_over(setting in with_exposure(Exposure::TargetFull)) {
        let epochs = setting.run();
        for (task, &size) in setting.sizes.iter().enumerate() {
            let stream: Vec<u32> =
                epochs.iter().flat_map(|(_, epoch)| setting.rows_of(epoch, task)).collect();
            for pass in stream.chunks(size) {
                prop_assert_eq!(counts(pass).len(), pass.len(), "task {}", task);
            }
        }
    }

    #[test]
    fn target_full_shows_supports_in_proportion(setting in with_exposure(Exposure::TargetFull)) {
        let plan = setting.mixture().plan(1, Some(&setting.gaps));
        let target = plan.rows[setting.target] as f64 / plan.probabilities[setting.target];
        for (&rows, p) in plan.rows.iter().zip(plan.probabilities) {
            prop_assert!((rows as f64 - (p * target).max(1.0)).abs() <= 0.5 + 1e-6);
        }
    }

    /// Every row, each at most once more than another, and one task's exactly once: no shorter epoch would
    /// do.
    #[test]
    fn all_full_shows_every_row(setting in with_exposure(Exposure::AllFull)) {
        for (_, epoch) in setting.run() {
            let mut least = usize::MAX;
            for (task, &size) in setting.sizes.iter().enumerate() {
                let counts = counts(&setting.rows_of(&epoch, task));
                prop_assert_eq!(counts.len(), size);
                let (min, max) = (counts.values().min().unwrap(), counts.values().max().unwrap());
                prop_assert!(max - min <= 1, "task {}", task);
                least = least.min(*max);
            }
            prop_assert_eq!(least, 1);
        }
    }

    #[test]
    fn truncating_ends_with_the_smallest_allotment(setting in with_exposure(Exposure::Truncating)) {
        for (number, (_, epoch)) in (0..).zip(setting.run()) {
            let plan = setting.mixture().plan(number, Some(&setting.gaps));
            let k = plan.per_batch.unwrap();
            prop_assert!(k.iter().sum::<usize>() <= setting.batch);
            let steps = k.iter().zip(&setting.sizes).map(|(k, n)| n / k).min().unwrap();
            for (task, k) in k.into_iter().enumerate() {
                let rows = setting.rows_of(&epoch, task);
                prop_assert_eq!(rows.len(), k * steps);
                prop_assert_eq!(counts(&rows).len(), rows.len(), "no row twice");
            }
        }
    }

    #[test]
    fn homogeneous_batches_hold_one_task_and_are_full(setting in with_batches(BatchKind::Homogeneous)) {
        for (_, epoch) in setting.run() {
            for task in 0..setting.sizes.len() {
                let batches: Vec<_> = epoch.batches().filter(|batch| batch[0].task as usize == task).collect();
                prop_assert!(batches.iter().all(|batch| batch.iter().all(|row| row.task as usize == task)));
                let full = batches.iter().filter(|batch| batch.len() == setting.batch).count();
                prop_assert!(full + 1 >= batches.len());
            }
        }
    }

    /// A task with a row for each batch is in each batch, and none strays from its share by a whole row.
    #[test]
    fn forced_heterogeneous_batches_hold_every_share(setting in with_batches(BatchKind::ForcedHeterogeneous)) {
        for (_, epoch) in setting.run() {
            let batches = epoch.batches().len();
            for task in 0..setting.sizes.len() {
                let share = setting.rows_of(&epoch, task).len() as f64 / batches as f64;
                let mut so_far = 0;
                for (step, batch) in (1..).zip(epoch.batches()) {
                    let rows = batch.iter().filter(|row| row.task as usize == task).count();
                    so_far += rows;
                    prop_assert!(rows as f64 >= share.floor(), "task {}, batch {}", task, step);
                    prop_assert!((so_far as f64 - share * f64::from(step)).abs() < 1.0 - 1e-9);
                }
            }
        }
    }

    #[test]
    fn partition_is_one_task_after_the_other(setting in with_batches(BatchKind::Partition)) {
        for (_, epoch) in setting.run() {
            prop_assert!(epoch.batches().flatten().is_sorted_by_key(|row| row.task));
        }
    }

    /// However tasks are mixed, one task is every row once, in the order of its own stream.
    #[test]
    fn one_task_is_the_plain_shuffle(size in 1usize..100, batch in 1usize..20, seed: u64, which in 0usize..8, kind in 0usize..4) {
        let batches = BatchKind::ALL[kind];
        let mix = Mix { sampler: SAMPLERS[which], batches, exposure: Exposure::TargetFull };
        let check = |mix| Mixture::check(mix, &[size], 0, batch, EPOCHS).unwrap();
        let (mixture, plain) = (check(mix), check(Mix::default()));
        prop_assert_eq!(mixture.first_steps(), plain.first_steps());
        for epoch in 0..EPOCHS {
            let draw = |mixture: &Mixture| {
                mixture.epoch(epoch, &[epoch * size as u64], Some(&[0.1]), streams(seed))
            };
            let (mixed, alone) = (draw(&mixture), draw(&plain));
            if batches == BatchKind::ForcedHeterogeneous {
                // Its batches are evenly filled; the rows are the same.
                let rows = |epoch: &Epoch| epoch.batches().flatten().copied().collect::<Vec<Row>>();
                prop_assert_eq!(rows(&mixed), rows(&alone));
            } else {
                prop_assert_eq!(mixed, alone);
            }
        }
    }
}

#[test]
fn truncating_shuffles_afresh_in_each_epoch() {
    let mix = Mix { sampler: Sampler::Size, batches: BatchKind::Partition, exposure: Exposure::Truncating };
    let mixture = Mixture::check(mix, &[50, 50], 0, 10, 2).unwrap();
    let epoch = |number| mixture.epoch(number, &[0, 0], None, streams(1));
    assert_ne!(epoch(0), epoch(1));
}

/// 40 batches of each of two tasks: neither in one block nor in turns.
#[test]
fn homogeneous_batches_are_shuffled() {
    let mix =
        Mix { sampler: Sampler::Uniform, batches: BatchKind::Homogeneous, exposure: Exposure::TargetFull };
    let mixture = Mixture::check(mix, &[400, 400], 0, 10, 1).unwrap();
    let epoch = mixture.epoch(0, &[0; 2], None, streams(1));
    let tasks: Vec<u32> = epoch.batches().map(|batch| batch[0].task).collect();
    let changes = tasks.windows(2).filter(|pair| pair[0] != pair[1]).count();
    // 40 of 79 on average, with a standard deviation of 4.4.
    assert!((22..=58).contains(&changes), "{changes}");
}

/// 10 rows of each task: one of 10 once, one of 5 twice, half of one of 20.
#[test]
fn a_row_shown_again_is_not_more_seen() {
    let mix = Mix {
        sampler: Sampler::Temperature { alpha: 0.0 },
        batches: BatchKind::Heterogeneous,
        exposure: Exposure::TargetFull,
    };
    let mixture = Mixture::check(mix, &[10, 5, 20], 0, 4, 1).unwrap();
    let realised = mixture.realised(&mixture.plan(0, None));
    assert_eq!(realised.passes, [1.0, 2.0, 0.5]);
    assert_eq!((realised.steps, realised.seen), (8, 25.0 / 35.0));
}

#[test]
fn round_robin_takes_turns() {
    let mix =
        Mix { sampler: Sampler::RoundRobin, batches: BatchKind::Homogeneous, exposure: Exposure::TargetFull };
    let mixture = Mixture::check(mix, &[20, 500, 7], 0, 8, 1).unwrap();
    let epoch = mixture.epoch(0, &[0; 3], None, streams(1));
    let tasks: Vec<(u32, usize)> = epoch.batches().map(|batch| (batch[0].task, batch.len())).collect();
    assert_eq!(tasks, [(0, 8), (1, 8), (2, 8), (0, 8), (1, 8), (2, 8), (0, 4), (1, 4), (2, 4)]);
}

/// As allotted: 31 rows of one task and 33 of the other in every batch.
#[test]
fn forced_heterogeneous_batches_of_a_truncating_epoch_are_the_allotments() {
    let batches = BatchKind::ForcedHeterogeneous;
    let mix = Mix { sampler: Sampler::Dynamic, batches, exposure: Exposure::Truncating };
    let mixture = Mixture::check(mix, &[1000, 100], 0, 64, 10).unwrap();
    let epoch = mixture.epoch(1, &[0, 0], Some(&[0.2, 0.25]), streams(1));
    let of_task = |batch: &[Row], task| batch.iter().filter(|row| row.task == task).count();
    let found: Vec<_> = epoch.batches().map(|batch| (of_task(batch, 0), of_task(batch, 1))).collect();
    assert_eq!(found, [(31, 33); 3]);
}

/// The reference's learning rate falls for as long as the first arrangement would have run, whatever comes
/// later.
#[test]
fn the_first_epoch_fixes_the_length() {
    let mix =
        Mix { sampler: Sampler::Dynamic, batches: BatchKind::Heterogeneous, exposure: Exposure::Truncating };
    let mixture = Mixture::check(mix, &[1000, 100], 0, 64, 10).unwrap();
    assert_eq!(mixture.first_steps(), 16);
    assert_eq!(mixture.plan(1, Some(&[0.2, 0.25])).steps, 3);
}

#[test]
#[should_panic(expected = "rows consumed of each task")]
fn a_missing_count_is_a_bug_of_the_caller() {
    let mix =
        Mix { sampler: Sampler::Size, batches: BatchKind::Heterogeneous, exposure: Exposure::TargetFull };
    Mixture::check(mix, &[5, 5], 0, 4, 1).unwrap().epoch(0, &[0], None, streams(1));
}

#[test]
fn plans_are_those_of_all_epochs() {
    let samplers =
        [Sampler::Size, Sampler::Uniform, Sampler::Annealed, Sampler::Dynamic, Sampler::DynamicGap];
    for (sampler, epochs) in
        samplers.into_iter().flat_map(|sampler| [1, 2, 5].map(|epochs| (sampler, epochs)))
    {
        let mixture = Mixture::check(Mix { sampler, ..Mix::default() }, &[10, 35], 0, 4, epochs).unwrap();
        let gaps = Some(&[0.1, 0.3][..]);
        let plans = mixture.plans(gaps).flat_map(|(plan, times)| std::iter::repeat_n(plan, times as usize));
        let expected: Vec<_> = (0..epochs).map(|epoch| mixture.plan(epoch, gaps)).collect();
        assert_eq!(plans.collect::<Vec<_>>(), expected, "{sampler}, {epochs} epochs");
    }
}

#[test]
fn least_steps_add_no_more_epochs_than_it_takes() {
    // 3 steps of 4 rows an epoch.
    let mixture = Mixture::check(Mix::default(), &[10], 0, 4, 2).unwrap();
    for (least, epochs) in [(0, 2), (6, 2), (7, 3), (9, 3), (10, 4)] {
        assert_eq!(mixture.clone().at_least(least).epochs(), epochs, "{least} steps");
    }
}
