//! What groups of rows score, in a line. `train` and `evaluate` say it alike.

use mtlift_eval::{GroupScore, GroupScores, LEAST_GROUP_ROWS};

/// `worst group yes/with 0.4133 (75 rows); no/with 0.8125 (213 rows), ...`
pub(crate) fn group_line(scores: &GroupScores) -> String {
    let of = |score: &GroupScore| format!("{} {:.4} ({} rows)", score.group, score.accuracy, score.rows);
    let worst = scores.worst();
    let others = scores.iter().filter(|score| Some(*score) != worst).map(of);
    let others = others.collect::<Vec<_>>().join(", ");
    match worst {
        None => format!("groups {others}; none has the {LEAST_GROUP_ROWS} rows to be the worst"),
        Some(worst) if others.is_empty() => format!("worst group {}", of(worst)),
        Some(worst) => format!("worst group {}; {others}", of(worst)),
    }
}
