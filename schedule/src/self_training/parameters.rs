//! What self-training takes, and what is said of it: once where rows without labels are found, once where they are written.
//!
//! The one decision: whoever writes rows takes all that whoever finds them takes, at the same places. So filters know no difference.

use crate::about::{About, Parameter};

/// The places of the parameters.
pub(super) const CONFIDENCE: usize = 0;
pub(super) const AGREEMENT: usize = 1;
pub(super) const PASSES: usize = 2;
pub(super) const DEVIATIONS: usize = 3;
pub(super) const BALANCE: usize = 4;
pub(super) const ROUNDS: usize = 5;
pub(super) const STEPS: usize = 6;
pub(super) const COPIES: usize = 7;
pub(super) const MASKED: usize = 8;
pub(super) const TEMPERATURE: usize = 9;
pub(super) const SWEEPS: usize = 10;
pub(super) const BLOCK: usize = 11;
pub(super) const ORIGIN: usize = 12;

/// Where rows are found.
pub(super) const FOUND: usize = 0;
/// Where they are written.
pub(super) const WRITTEN: usize = 1;

pub(super) static ALL: [About; 2] = [
    About {
        name: "self-train",
        summary: "the target's own model labels rows without labels, and is trained anew on those that pass filters",
        source: "Lee, ICML workshops 2013 (pseudo-labels); filters in the style of SELF-GUIDE, Zhao et al. 2024",
        explanation: "A model that is trained as `single` labels the task's rows without labels. They are filtered by length, duplicates, confidence, \
                      agreement of passes with dropout, and the gold rows' shares of the labels; then a model is trained from the beginning on \
                      gold and kept rows. An analogue: SELF-GUIDE's model also writes the rows, as self-train:infill does.",
        parameters: &OF_ALL,
        passes: 1.0,
    },
    About {
        name: "self-train:infill",
        summary: "the study's model writes rows from gold ones by infilling, and the target's own model labels them",
        source: "an analogue of SELF-GUIDE, Zhao et al. 2024; sampling from a masked language model: Wang and Cho, NeuralGen 2019",
        explanation: "A new row is a gold one of which some tokens are masked and sampled again, a few at a time, by the head that the study's model \
                      has for masked-language modelling. What is labelled, filtered and trained on is then as in self-train. \
                      An analogue: SELF-GUIDE's model writes rows to a prompt.",
        parameters: &OF_WRITTEN,
        passes: 1.0,
    },
];

const OF_ALL: [Parameter; 7] = [
    Parameter {
        name: "confidence",
        default: 0.9,
        range: 0.0..=1.0,
        whole: false,
        meaning: "the least probability of a row's label",
    },
    Parameter {
        name: "agreement",
        default: 0.8,
        range: 0.0..=1.0,
        whole: false,
        meaning: "the least share of the passes with dropout that give the same label",
    },
    Parameter {
        name: "passes",
        default: 5.0,
        range: 0.0..=100.0,
        whole: true,
        meaning: "passes with dropout; with 0 agreement is not looked at",
    },
    Parameter {
        name: "deviations",
        default: 2.0,
        range: 0.0..=1000.0,
        whole: false,
        meaning: "how many standard deviations a length may be off the gold rows' mean",
    },
    Parameter {
        name: "balance",
        default: 1.0,
        range: 0.0..=1.0,
        whole: true,
        meaning: "whether labels get the gold rows' shares",
    },
    Parameter {
        name: "rounds",
        default: 1.0,
        range: 1.0..=10.0,
        whole: true,
        meaning: "how often; each round's model labels for the next",
    },
    Parameter {
        name: "steps",
        default: 0.0,
        range: 0.0..=1_000_000.0,
        whole: true,
        meaning: "the steps of a round; with 0 those of `single`",
    },
];

const OF_WRITTEN: [Parameter; 13] = {
    let [confidence, agreement, passes, deviations, balance, rounds, steps] = OF_ALL;
    [
        confidence,
        agreement,
        passes,
        deviations,
        balance,
        rounds,
        steps,
        Parameter {
            name: "copies",
            default: 4.0,
            range: 1.0..=1000.0,
            whole: true,
            meaning: "the rows that are written from each gold row",
        },
        Parameter {
            name: "masked",
            default: 0.3,
            range: 0.0..=1.0,
            whole: false,
            meaning: "the share of a row's tokens that are sampled again",
        },
        Parameter {
            name: "temperature",
            default: 1.0,
            range: 0.0..=10.0,
            whole: false,
            meaning: "by which logits are divided; with 0 the likeliest token is taken",
        },
        Parameter {
            name: "sweeps",
            default: 1.0,
            range: 1.0..=100.0,
            whole: true,
            meaning: "how often each of them is sampled",
        },
        Parameter {
            name: "block",
            default: 4.0,
            range: 1.0..=1000.0,
            whole: true,
            meaning: "how many of them are sampled in one pass",
        },
        Parameter {
            name: "origin",
            default: 0.0,
            range: 0.0..=1.0,
            whole: true,
            meaning: "whether a row must get the label of its gold row",
        },
    ]
};
