//! The built-in suite keeps its promises: rows are a function of the name, splits share nothing, answers are balanced, and the
//! knobs do what they are called.

use mtlift_glue_data::{Example, Kind, Target, Task, check, demo_tasks};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn find(name: &str) -> Task {
    Task::find(name, None).unwrap()
}

fn rows(name: &str, split: &str) -> Vec<Example> {
    find(name).read(split).unwrap().examples
}

fn texts(rows: &[Example]) -> Vec<(&str, Option<&str>)> {
    rows.iter().map(|row| (row.text_a.as_str(), row.text_b.as_deref())).collect()
}

/// The answer as a number: a class, or a whole value.
fn answer(row: &Example) -> i64 {
    match row.target.unwrap() {
        Target::Class(class) => class as i64,
        Target::Value(value) => value as i64,
    }
}

fn message(name: &str) -> String {
    Task::find(name, None).unwrap_err().to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn a_name_says_every_row(task in 0..demo_tasks().len(), seed: u64, rows in 20..200_usize, halves in 0..=2_u8) {
        let name = demo_tasks()[task].name;
        let share = f64::from(halves) / 2.0;
        let knobs = [format!("seed={seed}"), format!("rows={rows}"), format!("relatedness={share}")];
        let [one, other] = [
            find(&format!("{name}:{}", knobs.join(":"))),
            find(&format!("{name}:{}:{}:{}", knobs[2], knobs[0], knobs[1])),
        ];
        prop_assert_eq!(&one.name, &other.name, "the order of knobs is of no consequence");
        let another = find(&format!("{name}:seed={}", seed.wrapping_add(1)));
        for split in ["train", "dev", "test"] {
            let read = one.read(split).unwrap();
            prop_assert_eq!(&read.hash, &other.read(split).unwrap().hash);
            prop_assert!(read.hash != another.read(split).unwrap().hash, "another seed is another suite");
            prop_assert!(split != "train" || read.examples.len() == rows);
        }
    }
}

#[test]
fn the_rows_stay_as_they_are() {
    let hashes: String =
        demo_tasks().iter().map(|task| find(task.name).read("train").unwrap().hash[..4].to_owned()).collect();
    assert_eq!(hashes, "4aaf30b71c5c27bcaf74c1217e61dc0d2725");
}

#[test]
fn splits_share_no_row_and_no_row_is_twice() {
    for task in demo_tasks() {
        let report = check(&find(&format!("{}:rows=3000:vocabulary=20", task.name)), None).unwrap();
        assert!(
            report.overlaps.iter().all(|overlap| overlap.rows == 0),
            "{}: {:?}",
            task.name,
            report.overlaps
        );
        assert!(report.splits.iter().all(|split| split.duplicates == 0), "{}", task.name);
        assert!(report.splits.iter().all(|split| split.faults.is_empty()), "{}", task.name);
    }
}

#[test]
fn answers_are_balanced() {
    for task in demo_tasks() {
        for split in ["train", "dev", "test"] {
            let mut counts = BTreeMap::<i64, usize>::new();
            rows(task.name, split).iter().for_each(|row| *counts.entry(answer(row)).or_default() += 1);
            let (least, most) = (counts.values().min().unwrap(), counts.values().max().unwrap());
            assert!(most - least <= 1, "{} {split}: {counts:?}", task.name);
            let answers = if task.kind == Kind::Classification { task.labels.len() } else { counts.len() };
            assert_eq!(counts.len(), answers, "{} {split}", task.name);
        }
    }
}

#[test]
fn a_smaller_train_begins_a_larger_one() {
    for task in demo_tasks() {
        let [small, large] =
            [200, 500].map(|count| rows(&format!("{}:rows={count}:noise=0.5", task.name), "train"));
        assert_eq!(small, large[..200], "{}", task.name);
    }
}

#[test]
fn noise_replaces_the_targets_of_its_share_of_train() {
    for (task, answers) in [("demo:sentiment", 2.0), ("demo:inference", 3.0), ("demo:stars", 5.0)] {
        let [clean, noisy] =
            ["", ":noise=0.3"].map(|noise| rows(&format!("{task}:rows=4000{noise}"), "train"));
        assert_eq!(texts(&clean), texts(&noisy));
        let changed = clean.iter().zip(&noisy).filter(|(a, b)| a.target != b.target).count() as f64 / 4000.0;
        // A target drawn at random may be the same one. Four standard errors.
        let expected = 0.3 * (1.0 - 1.0 / answers);
        assert!((changed - expected).abs() < 0.03, "{task}: {changed}, expected {expected}");
        assert_eq!(rows(task, "dev"), rows(&format!("{task}:noise=0.3"), "dev"), "dev is clean");
    }
}

#[test]
fn the_vocabulary_is_as_large_as_asked() {
    for (task, ending) in [("demo:sentiment", 'y'), ("demo:paraphrase", 't'), ("demo:acceptability", 'd')] {
        let words = |knobs: &str| {
            let rows = rows(&format!("{task}:rows=4000:{knobs}"), "train");
            rows.iter()
                .flat_map(words)
                .filter(|word| is_invented(word) && word.ends_with(ending))
                .collect::<BTreeSet<_>>()
                .len()
        };
        assert_eq!(words("vocabulary=40"), 40, "{task}");
        assert_eq!(words("vocabulary=200"), 200, "{task}");
    }
}

/// The learner counts how the answer depends on each word of one task, and answers another task by that: what carries over is what
/// words mean, and nothing else.
#[test]
fn relatedness_is_how_much_a_count_of_words_carries_over() {
    for (support, target) in [("demo:stars", "demo:sentiment"), ("demo:sentiment", "demo:stars")] {
        let carried = |relatedness: f64| {
            let knobs = format!("rows=8000:relatedness={relatedness}");
            let weights = word_weights(&rows(&format!("{support}:{knobs}"), "train"));
            right(&weights, &rows(target, "dev"))
        };
        let [none, half, all] = [0.0, 0.5, 1.0].map(carried);
        assert!(all > 0.85 && (0.6..0.85).contains(&half), "{support}: {half} {all}");
        assert!((0.4..0.6).contains(&none), "{support}: {none}");
        // What a word means in an unrelated task is learnt just as well.
        let own = format!("{support}:rows=8000:relatedness=0");
        assert!(right(&word_weights(&rows(&own, "train")), &rows(&own, "dev")) > 0.85, "{support}");
    }
}

#[test]
fn two_names_of_a_thing_are_the_same_in_related_tasks() {
    let pairs = |name: &str, wanted: i64| -> BTreeSet<Vec<String>> {
        let same = rows(name, "train").into_iter().filter(|row| answer(row) == wanted);
        let nouns = same.map(|row| words(&row).filter(|word| is_invented(word)).collect::<BTreeSet<_>>());
        nouns.filter(|nouns| nouns.len() == 2).map(|nouns| nouns.into_iter().collect()).collect()
    };
    let known = pairs("demo:paraphrase:rows=4000:vocabulary=60", 1);
    assert_eq!(known.len(), 30);
    for (relatedness, range) in [("1", 30..=30), ("0.5", 5..=20), ("0", 0..=4)] {
        let other = pairs(&format!("demo:similarity:rows=4000:vocabulary=60:relatedness={relatedness}"), 5);
        let common = other.intersection(&known).count();
        assert!(range.contains(&common), "relatedness {relatedness}: {common} of 30");
    }
}

#[test]
fn names_that_nothing_has() {
    let known = "the tasks are `demo:acceptability`, `demo:sentiment`, `demo:stars`, `demo:paraphrase`, `demo:similarity`, \
                 `demo:answer`, `demo:inference`, `demo:entailment`, `demo:coreference`, or give the path of a .toml file";
    assert_eq!(
        message("demo:sentimant:rows=50"),
        format!("unknown task `demo:sentimant:rows=50`; did you mean `demo:sentiment`?; {known}")
    );
    assert_eq!(message("demo:weather-report"), format!("unknown task `demo:weather-report`; {known}"));
    assert_eq!(find("DEMO:Stars").name, "demo:stars");
}

#[test]
fn knobs_that_there_are_not() {
    for (setting, expected) in [
        ("size=3", "there is no knob `size`"),
        ("", "there is no knob ``"),
        ("rows", "expected `rows` as 20 to 100000"),
        ("rows=19", "expected `rows` as 20 to 100000"),
        ("rows=1e3", "expected `rows` as 20 to 100000"),
        ("seed=-1", "expected `seed` as a whole number"),
        ("noise=1.5", "expected `noise` as 0 to 1"),
        ("noise=NaN", "expected `noise` as 0 to 1"),
        ("vocabulary=601", "expected `vocabulary` as 20 to 600"),
        ("relatedness=-0.1", "expected `relatedness` as 0 to 1"),
    ] {
        let name = format!("demo:stars:{setting}");
        assert_eq!(
            message(&name),
            format!(
                "{name}: {expected}, found `{setting}`; the knobs are `seed` (a whole number), `rows` (20 to 100000), `noise` (0 \
                 to 1), `vocabulary` (20 to 600), `relatedness` (0 to 1), separated by colons"
            )
        );
    }
    assert!(message("demo:stars:rows=30:rows=40").contains("`rows` is given twice, found `rows=40`"));
}

/// The words of a row in small letters.
fn words(row: &Example) -> impl Iterator<Item = String> {
    let text = format!("{} {}", row.text_a, row.text_b.as_deref().unwrap_or_default()).to_lowercase();
    let words: Vec<String> = text
        .split(|letter: char| !letter.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.into_iter()
}

/// Whether a word is one of the suite's own, by its ending.
fn is_invented(word: &str) -> bool {
    const ENDINGS: &str = "olvy elvy arvy ulvy irvy umby imby urby elby ilby olby orfy elfy ilfy ulfy argy olgy ilgy ergy urky \
        ondy aldy eldy ulmy anvet onvet unvet indet elmet almet ormet uspet aspet osket isket ulket olket irpet orpet alpet elpet \
        eptet octet ictet undet untet ampet ompet ulzed ilzed ulthed ilthed enthed onthed inzed anzed urzed olzed elzed aphed \
        ophed ephed ushted ishted eshted oshted erned orned irned olmed arled erled";
    ENDINGS.split_whitespace().any(|ending| word.ends_with(ending))
}

/// Of each word, by how much the answer is above the average where it occurs.
fn word_weights(rows: &[Example]) -> BTreeMap<String, f64> {
    let mean = rows.iter().map(answer).sum::<i64>() as f64 / rows.len() as f64;
    let mut sums = BTreeMap::<String, (f64, f64)>::new();
    for row in rows {
        for word in words(row) {
            let (sum, count) = sums.entry(word).or_default();
            *sum += answer(row) as f64 - mean;
            *count += 1.0;
        }
    }
    sums.into_iter().map(|(word, (sum, count))| (word, sum / count)).collect()
}

/// The share of rows on the right side of the middle, of those that are on a side.
fn right(weights: &BTreeMap<String, f64>, rows: &[Example]) -> f64 {
    let (least, most) = (rows.iter().map(answer).min().unwrap(), rows.iter().map(answer).max().unwrap());
    let side = |row: &Example| (2 * answer(row) - least - most).signum();
    let told: Vec<bool> = rows
        .iter()
        .filter(|row| side(row) != 0)
        .map(|row| {
            let sum: f64 = words(row).filter_map(|word| weights.get(&word)).sum();
            (sum > 0.0) == (side(row) > 0)
        })
        .collect();
    told.iter().filter(|right| **right).count() as f64 / told.len() as f64
}
