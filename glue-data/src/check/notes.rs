//! What a split's targets say before anything is trained on them: sentences for `data check` and for the start of a run, so that a
//! fault of the data is known as one and not put down to a seed.

use crate::task::{Target, Task};

/// What stands out in the targets of rows of `split`, in sentences: one class alone, classes without a row, one number alone, and
/// which of the metrics that makes worthless. `labels` names the classes in the order of the targets; it is empty for regression.
pub fn target_notes(split: &str, labels: &[String], metrics: &[String], targets: &[Target]) -> Vec<String> {
    let is_train = split.contains("train");
    if labels.is_empty() {
        return constant(split, is_train, metrics, targets).into_iter().collect();
    }
    let is_there = |class: usize| targets.contains(&Target::Class(class));
    let (there, absent): (Vec<usize>, Vec<usize>) = (0..labels.len()).partition(|&class| is_there(class));
    match there[..] {
        [] => Vec::new(),
        [only] if is_train => {
            vec![format!("{split} has only `{}`: there is nothing to tell apart", labels[only])]
        }
        [only] => vec![format!("{split} has only `{}`: {}", labels[only], worth(metrics, "mcc"))],
        _ => {
            let consequence =
                if is_train { "a model cannot learn it" } else { "the score says nothing of it" };
            absent
                .into_iter()
                .map(|class| format!("{split} has no row of `{}`: {consequence}", labels[class]))
                .collect()
        }
    }
}

fn constant(split: &str, is_train: bool, metrics: &[String], targets: &[Target]) -> Option<String> {
    let first = targets.first()?.value()?;
    targets.iter().all(|target| target.value() == Some(first)).then(|| {
        let consequence = match is_train {
            true => "there is nothing to tell apart".to_owned(),
            false => worth(metrics, "pearson spearman"),
        };
        format!("{split} has only the value {first}: {consequence}")
    })
}

/// "mcc is 0 by definition, accuracy and f1 say little"; `undefined` are the metrics without a value.
fn worth(metrics: &[String], undefined: &str) -> String {
    let is_undefined = |metric: &&String| undefined.split(' ').any(|name| name == *metric);
    let (zero, little): (Vec<&String>, Vec<&String>) = metrics.iter().partition(is_undefined);
    let said = |metrics: &[&String], one: &str, more: &str| {
        let names: Vec<&str> = metrics.iter().map(|metric| metric.as_str()).collect();
        match names[..] {
            [] => None,
            [name] => Some(format!("{name} {one}")),
            _ => Some(format!("{} {more}", names.join(" and "))),
        }
    };
    let parts = [
        said(&zero, "is 0 by definition", "are 0 by definition"),
        said(&little, "says little", "say little"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The share of rows from which on one class makes a task imbalanced: GLUE's own tasks are below 0.75.
const IMBALANCED: f64 = 0.8;

/// The class that has nearly all rows, at least four fifths, and its share of them; none where there is no such class, or where the
/// targets are no classes.
pub fn majority<'a>(labels: &'a [String], targets: &[Target]) -> Option<(&'a str, f64)> {
    let mut counts = vec![0_usize; labels.len()];
    for target in targets {
        counts[target.class()?] += 1;
    }
    let (label, rows) = labels.iter().zip(counts).max_by_key(|&(_, rows)| rows)?;
    let share = rows as f64 / targets.len() as f64;
    (share >= IMBALANCED).then_some((label, share))
}

/// A sentence on a class that has nearly all rows of a split, though not all.
pub(super) fn imbalance(task: &Task, split: &str, targets: &[Target]) -> Option<String> {
    let (label, share) = majority(&task.labels, targets).filter(|&(_, share)| share < 1.0)?;
    let share = 100.0 * share;
    Some(format!(
        "{split}: {share:.1} % of the rows are `{label}`; to say that always is as accurate, so look at mcc or macro-f1"
    ))
}
