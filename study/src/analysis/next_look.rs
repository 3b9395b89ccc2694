//! The command that brings a study to its next look: its own, with more seeds.

use crate::shell::{shell_line, shell_words};
use crate::spec::{Spec, Until};

/// The command that makes a study, asking for so many seeds of it. None where `command` is none that makes a study.
pub(super) fn with_seeds(command: &str, spec: &Spec, seeds: usize) -> Option<String> {
    let given = shell_words(command);
    if !matches!(given.get(1)?.as_str(), "compare" | "sweep" | "size-curve") {
        return None;
    }
    let mut words = Vec::new();
    let mut left = given.into_iter();
    while let Some(word) = left.next() {
        match word.as_str() {
            "--seeds" => drop(left.next()),
            "--resume" => {}
            other if other.starts_with("--seeds=") => {}
            _ => words.push(word),
        }
    }
    words.extend(["--seeds".to_owned(), asking_for(spec, seeds), "--resume".to_owned()]);
    Some(shell_line(words))
}

/// The command that goes on with a study, with another rule of when to stop where one is given. None where `command` is none that
/// makes a study.
pub(super) fn with_until(command: &str, until: Option<Until>) -> Option<String> {
    let given = shell_words(command);
    if given.get(1)? != "compare" {
        return None;
    }
    let mut words = Vec::new();
    let mut left = given.into_iter();
    while let Some(word) = left.next() {
        match word.as_str() {
            "--until" if until.is_some() => drop(left.next()),
            "--resume" => {}
            other if until.is_some() && other.starts_with("--until=") => {}
            _ => words.push(word),
        }
    }
    words.extend(until.map(|until| ["--until".to_owned(), until.to_string()]).into_iter().flatten());
    words.push("--resume".to_owned());
    Some(shell_line(words))
}

/// How `--seeds` asks for so many, of which the study's own are the first: their number where that gives them, else a list.
fn asking_for(spec: &Spec, count: usize) -> String {
    let count = count.max(spec.seeds.len());
    let usual = Spec::defaults(spec.question, spec.settings.protocol).seeds;
    let more = (1..).filter(|seed| !usual.contains(seed));
    if usual.iter().copied().chain(more).zip(&spec.seeds).all(|(usual, own)| usual == *own) {
        return count.to_string();
    }
    let more = (1..).filter(|seed| !spec.seeds.contains(seed));
    let all = spec.seeds.iter().copied().chain(more).take(count);
    all.map(|seed| seed.to_string()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::{with_seeds, with_until};
    use crate::made_up;
    use crate::spec::{Question, Spec, Until};

    #[test]
    fn a_command_asks_for_the_seeds_of_the_next_look() {
        let usual = made_up::spec(Question::Compare, &["a"], &["b"]);
        let own = Spec { seeds: vec![7, 1, 42], ..usual.clone() };
        for (spec, command, expected) in [
            (
                &usual,
                "mtlift compare --target a --out x",
                Some("mtlift compare --target a --out x --seeds 10 --resume"),
            ),
            (
                &usual,
                "mtlift compare --seeds 5 --out 'my x'",
                Some("mtlift compare --out 'my x' --seeds 10 --resume"),
            ),
            (&own, "mtlift sweep --seeds=7,1,42", Some("mtlift sweep --seeds 7,1,42,2,3,4,5,6,8,9 --resume")),
            (&usual, "mtlift report studies/x", None),
            (&usual, "", None),
        ] {
            assert_eq!(with_seeds(command, spec, 10).as_deref(), expected, "{command}");
        }
    }

    #[test]
    fn a_command_goes_on_by_the_same_rule_or_by_another() {
        for (command, until, expected) in [
            (
                "mtlift compare --until regret:0.5 --out x",
                None,
                Some("mtlift compare --until regret:0.5 --out x --resume"),
            ),
            (
                "mtlift compare --until regret:0.5 --out x",
                Some(Until::Decided),
                Some("mtlift compare --out x --until decided --resume"),
            ),
            (
                "mtlift compare --until=regret:0.5 --out x",
                Some(Until::Decided),
                Some("mtlift compare --out x --until decided --resume"),
            ),
            ("mtlift report x", None, None),
        ] {
            assert_eq!(with_until(command, until).as_deref(), expected, "{command}");
        }
    }
}
