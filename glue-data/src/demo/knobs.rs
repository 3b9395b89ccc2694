//! What a name of the suite says: `demo:sentiment:rows=400:noise=0.1`. Colons, because the names stand in lists with commas, in
//! TOML and in shells.

use super::lexicon::INVENTED;
use crate::error::Error;

/// What the names of the suite begin with.
pub(super) const PREFIX: &str = "demo:";

/// How a task of the suite is made.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Knobs {
    /// Which suite: what its words mean, and which rows are drawn.
    pub(super) seed: u64,
    /// Rows of train; a larger train begins with the rows of a smaller one.
    pub(super) rows: usize,
    /// The share of train's rows whose target is replaced by one drawn at random.
    pub(super) noise: f64,
    /// How many invented words of a class are in use.
    pub(super) vocabulary: usize,
    /// The share of words that mean what they mean in the other tasks of the suite.
    pub(super) relatedness: f64,
}

/// Each knob's name and what it may be.
pub(super) const KNOBS: [(&str, &str); 5] = [
    ("seed", "a whole number"),
    ("rows", "20 to 100000"),
    ("noise", "0 to 1"),
    ("vocabulary", "20 to 600"),
    ("relatedness", "0 to 1"),
];

impl Knobs {
    /// Those of a task that has so many rows, where its name says nothing of them.
    pub(super) fn of(rows: usize) -> Knobs {
        Knobs { seed: 1, rows, noise: 0.0, vocabulary: 400, relatedness: 1.0 }
    }

    /// From what follows the task in a name: knobs separated by colons. `rows` is what the task has by itself.
    pub(super) fn parse(rows: usize, name: &str, given: &[&str]) -> Result<Knobs, Error> {
        let mut knobs = Knobs::of(rows);
        let mut seen = Vec::new();
        for setting in given {
            let (knob, value) = setting.split_once('=').unwrap_or((setting, ""));
            let place = KNOBS.iter().position(|(known, _)| *known == knob);
            let set = place.is_some_and(|_| !seen.contains(&knob)) && knobs.set(knob, value).is_some();
            if !set {
                let expected = match place {
                    _ if seen.contains(&knob) => format!("`{knob}` is given twice"),
                    Some(place) => format!("expected `{knob}` as {}", KNOBS[place].1),
                    None => format!("there is no knob `{knob}`"),
                };
                let (name, setting) = (name.to_owned(), (*setting).to_owned());
                let known: Vec<String> =
                    KNOBS.iter().map(|(knob, range)| format!("`{knob}` ({range})")).collect();
                return Err(Error::Knob { name, setting, expected, known: known.join(", ") });
            }
            seen.push(knob);
        }
        Ok(knobs)
    }

    /// Sets a knob, if the value is one that it may have.
    fn set(&mut self, knob: &str, value: &str) -> Option<()> {
        let share = || value.parse().ok().filter(|share| (0.0..=1.0).contains(share));
        let count =
            |range: std::ops::RangeInclusive<usize>| value.parse().ok().filter(|count| range.contains(count));
        match knob {
            "seed" => self.seed = value.parse().ok()?,
            "rows" => self.rows = count(20..=100_000)?,
            "noise" => self.noise = share()?,
            "vocabulary" => self.vocabulary = count(20..=INVENTED)?,
            _ => self.relatedness = share()?,
        }
        Some(())
    }

    /// The name of a task, which has so many rows by itself, with these knobs: those that differ from their default, always in
    /// the same order.
    pub(super) fn name(&self, task: &str, rows: usize) -> String {
        let default = Knobs::of(rows);
        let mut name = task.to_owned();
        let mut add = |differs: bool, setting: String| {
            if differs {
                name.push_str(&format!(":{setting}"));
            }
        };
        add(self.seed != default.seed, format!("seed={}", self.seed));
        add(self.rows != default.rows, format!("rows={}", self.rows));
        add(self.noise != default.noise, format!("noise={}", self.noise));
        add(self.vocabulary != default.vocabulary, format!("vocabulary={}", self.vocabulary));
        add(self.relatedness != default.relatedness, format!("relatedness={}", self.relatedness));
        name
    }
}
