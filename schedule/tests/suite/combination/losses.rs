//! Rules with a memory over a sequence of steps, beside TorchJD and torch's Adam (`tests/golden/combinations.py`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::steps::{InOrder, Known, near, rule};

#[derive(Deserialize)]
struct Golden {
    sequences: Sequences,
}

#[derive(Deserialize)]
struct Sequences {
    /// `[steps, tasks]`, before and after the update.
    losses: Vec<Vec<f64>>,
    after: Vec<Vec<f64>>,
    /// Of the gradients.
    lengths: Vec<Vec<f64>>,
    /// The weights that a rule used in each step.
    #[serde(flatten)]
    weights: BTreeMap<String, Vec<Vec<f64>>>,
}

#[test]
fn weights_over_time_are_torchs() {
    let golden: Golden = serde_json::from_str(include_str!("../../golden/combinations.json")).unwrap();
    let Sequences { losses, after, lengths, weights } = golden.sequences;
    assert_eq!(weights.len(), 5);
    for (name, weights) in weights {
        let rule = rule(&name);
        let mut state = rule.state(3);
        for (step, want) in weights.iter().enumerate() {
            let known = Known::losses(&losses[step], &lengths[step]);
            let found = rule.of_step(&known, &mut state, &mut InOrder);
            assert!(near(&found, want, 1e-9), "{name}, step {step}: {found:?} {want:?}");
            if rule.looks_back() {
                rule.updated(&[0, 1, 2], &losses[step], &after[step], &mut state);
            }
            if step % 4 == 3 {
                rule.epoch_ended(&mut state);
            }
        }
    }
}

/// In windows of steps the epoch's end does not matter.
#[test]
fn dwa_in_windows_of_steps_is_dwa_in_epochs_of_as_many() {
    let (by_epochs, by_steps) = (rule("dwa"), rule("dwa(every=2)"));
    let mut states = [by_epochs.state(2), by_steps.state(2)];
    for step in 0..9_u32 {
        let known = Known::losses(&[1.0 / f64::from(step + 1), 2.0], &[1.0; 2]);
        let [a, b] = [&by_epochs, &by_steps]
            .map(|rule| rule)
            .into_iter()
            .zip(&mut states)
            .map(|(rule, state)| rule.of_step(&known, state, &mut InOrder))
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        assert_eq!(a, b, "step {step}");
        if step % 2 == 1 {
            by_epochs.epoch_ended(&mut states[0]);
        } else {
            by_steps.epoch_ended(&mut states[1]);
        }
    }
}
