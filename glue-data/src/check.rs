//! What a careful person would look at before training on a data set: counts, balance, lengths, repeated rows, characters
//! that should not be there, and the answer standing in the question. Findings are counted, never judged or repaired.

mod faults;
mod notes;
mod render;

pub use faults::Fault;
pub use notes::{majority, target_notes};

use crate::error::Error;
use crate::task::{Example, Kind, Split, SplitFile, Target, Task};
use mtlift_tokenizer::Tokenizer;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

/// What [`check`] found. Its `Display` is a report for people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    /// The task's name.
    pub task: String,
    /// The task's kind.
    pub kind: Kind,
    /// The task's metrics.
    pub metrics: Vec<String>,
    /// What lengths are counted in: `tokens`, or `words` if there is no tokenizer.
    pub length_unit: &'static str,
    /// The limit at which rows are cut, if there is a tokenizer.
    pub max_tokens: Option<usize>,
    /// The splits whose files are there.
    pub splits: Vec<SplitReport>,
    /// The files that are not there.
    pub absent: Vec<PathBuf>,
    /// What each split shares with each earlier one; pairs of splits that share nothing are left out.
    pub overlaps: Vec<Overlap>,
}

/// What one split looks like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SplitReport {
    /// The split's name.
    pub split: String,
    /// Its file.
    pub file: PathBuf,
    /// blake3 of the file's bytes, decompressed if need be, in hexadecimal.
    pub hash: String,
    /// The number of rows read.
    pub rows: usize,
    /// The number of rows that have a label, of a head of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labelled_rows: Option<usize>,
    /// The number of rows in GLUE's own file.
    pub official_rows: Option<usize>,
    /// The number of rows left out because they are broken.
    pub skipped_rows: usize,
    /// How many rows have each label, in the task's order; empty for regression and without labels.
    pub labels: Vec<LabelReport>,
    /// How many rows each group has, by name; empty of a task without groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupReport>,
    /// The range of numeric targets.
    pub targets: Option<TargetRange>,
    /// How long rows are.
    pub lengths: Lengths,
    /// How many rows are longer than the limit.
    pub truncated: Option<usize>,
    /// How many rows have the texts of an earlier row.
    pub duplicates: usize,
    /// How many of these have another target than that row.
    pub conflicting: usize,
    /// What is odd about the texts.
    pub faults: Vec<Fault>,
    /// What stands out in the targets, in sentences.
    pub notes: Vec<String>,
}

/// A label and its rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelReport {
    /// The label's name.
    pub label: String,
    /// How many rows have it.
    pub rows: usize,
}

/// A group and its rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupReport {
    /// The group's name.
    pub group: String,
    /// How many rows are of it.
    pub rows: usize,
}

/// Least, mean and greatest of a split's numeric targets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct TargetRange {
    pub min: f32,
    pub mean: f32,
    pub max: f32,
}

/// Quantiles of the rows' lengths (nearest rank: each is the length of some row).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Lengths {
    pub min: usize,
    pub p50: usize,
    pub p90: usize,
    pub p95: usize,
    pub p99: usize,
    pub max: usize,
}

/// What a split shares with an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overlap {
    /// The split whose rows are counted.
    pub split: String,
    /// The earlier split in which they are looked up.
    pub with: String,
    /// How many rows have the texts of a row there.
    pub rows: usize,
    /// How many of these have another target there.
    pub conflicting: usize,
    /// How many rows of a task with pairs have the first text of a row there.
    pub first_texts: Option<usize>,
}

/// Looks at all splits of a task. Lengths are counted in tokens if there is a tokenizer, else in words.
///
/// # Errors
/// If a file is there but cannot be read as the task says, no split has a file, or a text cannot be tokenised.
pub fn check(task: &Task, tokenizer: Option<&Tokenizer>) -> Result<CheckReport, Error> {
    let (present, absent): (Vec<_>, Vec<_>) = task.files.iter().partition(|file| file.is_there());
    let read = if present.is_empty() { &absent } else { &present };
    let names: Vec<&str> = read.iter().map(|file| file.split.as_str()).collect();
    let splits = task.read_each(&names, |_, _| {})?;
    let reports = read.iter().zip(&splits).map(|(file, split)| split_report(task, file, split, tokenizer));
    Ok(CheckReport {
        task: task.name.clone(),
        kind: task.kind,
        metrics: task.metrics.clone(),
        length_unit: if tokenizer.is_some() { "tokens" } else { "words" },
        max_tokens: tokenizer.map(Tokenizer::max_tokens),
        splits: reports.collect::<Result<_, _>>()?,
        overlaps: overlaps(&read.iter().map(|file| file.split.as_str()).zip(&splits).collect::<Vec<_>>()),
        absent: absent.into_iter().map(|file| file.path.clone()).collect(),
    })
}

fn split_report(
    task: &Task,
    file: &SplitFile,
    split: &Split,
    tokenizer: Option<&Tokenizer>,
) -> Result<SplitReport, Error> {
    let examples = &split.examples;
    let lengths = match tokenizer {
        Some(tokenizer) => tokenizer.lengths(examples)?,
        None => examples.iter().map(words).collect(),
    };
    let without_token = match tokenizer {
        Some(tokenizer) => tokenizer.without_token(examples)?,
        None => Vec::new(),
    };
    let targets: Vec<Target> = examples.iter().filter_map(|example| example.target).collect();
    let limit = tokenizer.map(Tokenizer::max_tokens);
    let (duplicates, conflicting) = duplicates(examples);
    Ok(SplitReport {
        split: file.split.clone(),
        file: split.path.clone(),
        hash: split.hash.clone(),
        rows: examples.len(),
        labelled_rows: task.head_of.as_ref().map(|_| targets.len()),
        official_rows: file.official_rows,
        skipped_rows: split.skipped.len(),
        labels: label_counts(task, examples),
        groups: group_counts(examples),
        targets: target_range(examples),
        truncated: limit.map(|limit| lengths.iter().filter(|&&length| length > limit).count()),
        lengths: quantiles(lengths),
        duplicates,
        conflicting,
        faults: faults::find(task, split, &without_token),
        notes: target_notes(&file.split, &task.labels, &task.metrics, &targets)
            .into_iter()
            .chain(notes::imbalance(task, &file.split, &targets))
            .collect(),
    })
}

fn words(example: &Example) -> usize {
    let count = |text: &String| text.split_whitespace().count();
    count(&example.text_a) + example.text_b.as_ref().map_or(0, count)
}

fn label_counts(task: &Task, examples: &[Example]) -> Vec<LabelReport> {
    let rows_with =
        |class| examples.iter().filter(|example| example.target == Some(Target::Class(class))).count();
    let counts = task.labels.iter().enumerate();
    let counts: Vec<_> =
        counts.map(|(class, label)| LabelReport { label: label.clone(), rows: rows_with(class) }).collect();
    if counts.iter().all(|count| count.rows == 0) { Vec::new() } else { counts }
}

fn group_counts(examples: &[Example]) -> Vec<GroupReport> {
    let mut counts = BTreeMap::<&String, usize>::new();
    for group in examples.iter().filter_map(|example| example.group.as_ref()) {
        *counts.entry(group).or_default() += 1;
    }
    counts.into_iter().map(|(group, rows)| GroupReport { group: group.clone(), rows }).collect()
}

fn target_range(examples: &[Example]) -> Option<TargetRange> {
    let value = |example: &Example| match example.target {
        Some(Target::Value(value)) => Some(value),
        _ => None,
    };
    let values: Vec<f32> = examples.iter().filter_map(value).collect();
    let (min, max) = (values.iter().copied().reduce(f32::min)?, values.iter().copied().reduce(f32::max)?);
    let mean = values.iter().copied().map(f64::from).sum::<f64>() / values.len() as f64;
    Some(TargetRange { min, mean: mean as f32, max })
}

fn quantiles(mut lengths: Vec<usize>) -> Lengths {
    lengths.sort_unstable();
    let percentile = |percent: usize| lengths[(lengths.len() * percent).div_ceil(100).max(1) - 1];
    let [min, p50, p90, p95, p99, max] = [0, 50, 90, 95, 99, 100].map(percentile);
    Lengths { min, p50, p90, p95, p99, max }
}

fn texts(example: &Example) -> (&str, Option<&str>) {
    (&example.text_a, example.text_b.as_deref())
}

/// How many rows repeat an earlier one, and how many of them with another target.
fn duplicates(examples: &[Example]) -> (usize, usize) {
    let mut seen = HashMap::with_capacity(examples.len());
    let (mut repeated, mut conflicting) = (0, 0);
    for example in examples {
        let first = *seen.entry(texts(example)).or_insert(example);
        if !std::ptr::eq(first, example) {
            repeated += 1;
            conflicting += usize::from(conflict(first, example));
        }
    }
    (repeated, conflicting)
}

fn conflict(one: &Example, other: &Example) -> bool {
    matches!((one.target, other.target), (Some(one), Some(other)) if one != other)
}

fn overlaps(splits: &[(&str, &Split)]) -> Vec<Overlap> {
    let mut overlaps = Vec::new();
    for (i, (with, earlier)) in splits.iter().enumerate() {
        let rows: HashMap<_, _> = earlier.examples.iter().map(|example| (texts(example), example)).collect();
        let first_texts: HashSet<_> = earlier.examples.iter().map(|example| &example.text_a).collect();
        for (split, later) in &splits[i + 1..] {
            let shared = later.examples.iter().filter_map(|row| Some((row, *rows.get(&texts(row))?)));
            let conflicting = shared.clone().filter(|(row, earlier)| conflict(row, earlier)).count();
            let first_text = later.examples.iter().filter(|row| first_texts.contains(&row.text_a)).count();
            let is_pair = later.examples.iter().any(|row| row.text_b.is_some());
            let overlap = Overlap {
                split: (*split).to_owned(),
                with: (*with).to_owned(),
                rows: shared.count(),
                conflicting,
                first_texts: is_pair.then_some(first_text),
            };
            if overlap.rows + first_text > 0 {
                overlaps.push(overlap);
            }
        }
    }
    overlaps
}
