//! The tasks of the suite, as a table. A task is a function from meanings and a wanted answer to texts, so that answers are
//! balanced whatever the texts.

mod coreference;
mod grammar;
mod pairs;
mod questions;
mod reviews;

use super::draw::Draw;
use super::meaning::Meaning;
use crate::kind::Kind;

/// The texts of a row.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Texts {
    pub(super) a: String,
    pub(super) b: Option<String>,
}

impl Texts {
    fn one(a: String) -> Texts {
        Texts { a, b: None }
    }

    fn two(a: String, b: String) -> Texts {
        Texts { a, b: Some(b) }
    }
}

/// A task of the built-in suite.
#[derive(Clone, Copy, Debug)]
pub struct DemoTask {
    /// The name without knobs, e.g. `demo:sentiment`.
    pub name: &'static str,
    /// What it asks, in a few words.
    pub about: &'static str,
    /// Whether the target is a label or a number.
    pub kind: Kind,
    /// The labels; empty for regression.
    pub labels: &'static [&'static str],
    /// The metrics.
    pub metrics: &'static [&'static str],
    /// Rows of train, unless the name says otherwise.
    pub rows: usize,
    /// The least target of a regression, whose targets are whole numbers.
    pub(super) least: usize,
    /// How many answers there are: labels, or values from the least.
    pub(super) answers: usize,
    pub(super) is_pair: bool,
    /// Texts to which the answer is this one, from 0.
    pub(super) make: fn(&Meaning, usize, &mut Draw) -> Texts,
}

const fn classification(
    name: &'static str,
    about: &'static str,
    labels: &'static [&'static str],
    metrics: &'static [&'static str],
    rows: usize,
    is_pair: bool,
    make: fn(&Meaning, usize, &mut Draw) -> Texts,
) -> DemoTask {
    let kind = Kind::Classification;
    DemoTask { name, about, kind, labels, metrics, rows, least: 0, answers: labels.len(), is_pair, make }
}

const fn regression(
    name: &'static str,
    about: &'static str,
    [least, most]: [usize; 2],
    rows: usize,
    is_pair: bool,
    make: fn(&Meaning, usize, &mut Draw) -> Texts,
) -> DemoTask {
    let (kind, metrics) = (Kind::Regression, &["pearson", "spearman"]);
    DemoTask {
        name,
        about,
        kind,
        labels: &[],
        metrics,
        rows,
        least,
        answers: most - least + 1,
        is_pair,
        make,
    }
}

const ENTAILMENT: &[&str] = &["entailment", "not_entailment"];
const THREE_WAY: &[&str] = &["entailment", "neutral", "contradiction"];

pub(super) static TASKS: [DemoTask; 9] = [
    classification(
        "demo:acceptability",
        "would a speaker say the sentence?",
        &["unacceptable", "acceptable"],
        &["mcc"],
        1500,
        false,
        grammar::acceptability,
    ),
    classification(
        "demo:sentiment",
        "does the review praise the show?",
        &["negative", "positive"],
        &["accuracy"],
        400,
        false,
        reviews::sentiment,
    ),
    regression(
        "demo:stars",
        "how many stars has the review, from 1 to 5?",
        [1, 5],
        1500,
        false,
        reviews::stars,
    ),
    classification(
        "demo:paraphrase",
        "do the sentences say the same?",
        &["different", "same"],
        &["accuracy", "f1"],
        2000,
        true,
        pairs::paraphrase,
    ),
    regression(
        "demo:similarity",
        "how similar are the sentences, from 0 to 5?",
        [0, 5],
        1500,
        true,
        pairs::similarity,
    ),
    classification(
        "demo:answer",
        "does the sentence answer the question?",
        &["no", "yes"],
        &["accuracy"],
        3000,
        true,
        questions::answer,
    ),
    classification(
        "demo:inference",
        "does the premise entail or contradict the hypothesis, or neither?",
        THREE_WAY,
        &["accuracy"],
        4000,
        true,
        pairs::inference,
    ),
    classification(
        "demo:entailment",
        "does the text entail the hypothesis?",
        ENTAILMENT,
        &["accuracy"],
        600,
        true,
        pairs::entailment,
    ),
    classification(
        "demo:coreference",
        "is the pronoun resolved rightly?",
        &["no", "yes"],
        &["accuracy"],
        500,
        true,
        coreference::coreference,
    ),
];
