//! What was spent and why a target ended where it did, in words: notes, verdicts, page and terminal say it alike.

use crate::findings::{Dropped, Hope, Reached, Spending, Stop, TaskFacts};
use crate::format;
use crate::look_line::look_line;

/// `mtl with MRPC: dropped after 5 seeds, 1 % chance to be best`
pub fn dropped_line(label: &str, dropped: &Dropped) -> String {
    let chance = 100.0 * dropped.chance;
    let chance = if chance < 0.5 { "less than 1".to_owned() } else { format!("{chance:.0}") };
    let what = match dropped.of {
        Hope::Best => "be best",
        Hope::WorthIt => "be worth it",
    };
    format!("{label}: dropped after {} seeds, {chance} % chance to {what}", dropped.seeds)
}

/// `Stopped at look 1 of 4 (3 seeds): the expected loss of 0.3 points is small enough (regret:0.5).`; `looks` are those that are planned.
pub fn reached_line(task: &TaskFacts, reached: &Reached, until: &str, looks: &[usize]) -> String {
    let look = look_line(looks, reached.seeds);
    let unit = if task.higher_is_better { "points" } else { "hundredths of single's error" };
    let loss = reached.loss.map(|loss| format!("expected loss of {loss:.1} {unit}"));
    let why = match (reached.stop, loss) {
        (None, _) => return format!("Not there yet: the runs {look} are incomplete."),
        (Some(Stop::Decided), _) => "it is decided".to_owned(),
        (Some(Stop::Regret), Some(loss)) => format!("the {loss} is small enough ({until})"),
        (Some(Stop::Tied), _) => "more seeds would not break the tie".to_owned(),
        (Some(Stop::NothingLeft), _) => "no arm is left that may be worth it".to_owned(),
        (Some(Stop::LastLook), Some(loss)) => format!("it was the last look, with an {loss} ({until})"),
        (Some(Stop::Regret | Stop::LastLook), None) => format!("it was the last look ({until})"),
    };
    format!("Stopped {look}: {why}.")
}

/// `84 of 420 runs, 12 min; the full grid of 20 seeds would have taken about 61 min`
pub fn spending_line(spending: &Spending) -> String {
    let Spending { runs, minutes, grid_runs, grid_seeds, grid_minutes, .. } = spending;
    let grid = grid_minutes.map_or("for a time that is not known yet".to_owned(), |minutes| {
        format!("about {}", format::minutes(minutes))
    });
    format!(
        "{runs} of {grid_runs} runs, {}; the full grid of {grid_seeds} seeds would have taken {grid}",
        format::minutes(*minutes)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOKS: [usize; 4] = [3, 5, 10, 20];

    fn task(higher_is_better: bool) -> TaskFacts {
        let (name, metric) = ("RTE".to_owned(), "accuracy".to_owned());
        TaskFacts { name, train_rows: 100, dev_rows: 277, score_rows: 0, metric, higher_is_better }
    }

    fn reached(seeds: usize, stop: Option<Stop>, loss: Option<f64>) -> Reached {
        Reached { target: "RTE".to_owned(), seeds, stop, loss }
    }

    #[test]
    fn a_dropped_arm_is_named_with_its_chance() {
        let line = |chance, of| dropped_line("mtl with MRPC", &Dropped { seeds: 5, chance, of });
        assert_eq!(line(0.012, Hope::Best), "mtl with MRPC: dropped after 5 seeds, 1 % chance to be best");
        assert_eq!(
            line(0.0, Hope::WorthIt),
            "mtl with MRPC: dropped after 5 seeds, less than 1 % chance to be worth it"
        );
    }

    #[test]
    fn every_end_has_its_words() {
        for (task, reached, expected) in [
            (
                task(true),
                reached(5, Some(Stop::Decided), Some(0.0)),
                "Stopped at look 2 of 4 (5 seeds): it is decided.",
            ),
            (
                task(true),
                reached(3, Some(Stop::Regret), Some(0.31)),
                "Stopped at look 1 of 4 (3 seeds): the expected loss of 0.3 points is small enough (regret:0.5).",
            ),
            (
                task(false),
                reached(20, Some(Stop::LastLook), Some(0.8)),
                "Stopped at look 4 of 4 (20 seeds): it was the last look, with an expected loss of 0.8 hundredths of single's error \
                 (regret:0.5).",
            ),
            (
                task(true),
                reached(7, Some(Stop::LastLook), None),
                "Stopped after look 2 of 4 (7 seeds): it was the last look (regret:0.5).",
            ),
            (
                task(true),
                reached(3, Some(Stop::Tied), None),
                "Stopped at look 1 of 4 (3 seeds): more seeds would not break the tie.",
            ),
            (
                task(true),
                reached(10, Some(Stop::NothingLeft), None),
                "Stopped at look 3 of 4 (10 seeds): no arm is left that may be worth it.",
            ),
            (
                task(true),
                reached(10, None, None),
                "Not there yet: the runs at look 3 of 4 (10 seeds) are incomplete.",
            ),
        ] {
            assert_eq!(reached_line(&task, &reached, "regret:0.5", &LOOKS), expected);
        }
    }

    #[test]
    fn what_was_spent_stands_beside_the_full_grid() {
        let spending = Spending {
            until: "decided".to_owned(),
            runs: 84,
            minutes: 12.2,
            grid_runs: 420,
            grid_seeds: 20,
            grid_minutes: Some(61.4),
            targets: Vec::new(),
        };
        assert_eq!(
            spending_line(&spending),
            "84 of 420 runs, 12 min; the full grid of 20 seeds would have taken about 61 min"
        );
    }
}
