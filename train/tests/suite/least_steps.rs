//! A run with least steps is the run of the epochs that they come to, evaluated at most twenty times within them.

use mtlift_schedule::{Exposure, Mix, Sampler};
use mtlift_train::{Error, Identity, Mixing, Protocol, Settings};

use crate::folder::{Folder, Run, Silent};

#[test]
fn the_run_of_as_many_epochs_as_they_come_to() {
    let folder = Folder::with_tasks();
    let tasks = folder.tasks();
    // Alone, together with epochs of one length, and with epochs that become longer.
    for (tasks, sampler) in
        [(&tasks[..1], Sampler::Size), (&tasks, Sampler::Size), (&tasks, Sampler::Annealed)]
    {
        let mix = Mix { sampler, exposure: Exposure::AllFull, ..Mix::default() };
        let mut run = Run::new(Mixing { mix, ..Mixing::default() });
        run.settings = Settings { epochs: 1, min_steps: 50, ..run.settings };
        let name = |what: &str| format!("{what}-{sampler}-{}", tasks.len());
        let least = folder.train(&run, tasks, &name("least"), &mut Silent).unwrap().result;
        // 43 rows, and 72 beside them, in batches of 8.
        let epochs = if tasks.len() == 1 { 9 } else { 4 };
        run.settings = Settings { epochs, min_steps: 0, ..run.settings };
        let whole = folder.train(&run, tasks, &name("whole"), &mut Silent).unwrap().result;
        assert!(least.steps >= 50, "{} steps", least.steps);
        assert_eq!(least, whole, "{sampler}, {} tasks", tasks.len());
    }
}

#[test]
fn small_data_is_evaluated_twenty_times() {
    let folder = Folder::with_tasks();
    let mut run = Run::new(Mixing::default());
    run.settings = Settings { epochs: 1, min_steps: 120, ..run.settings };
    folder.train(&run, &folder.tasks()[..1], "out", &mut Silent).unwrap();
    // 6 steps an epoch: twice an epoch would be 40 evaluations.
    let steps: Vec<u64> =
        folder.lines("out/evals.jsonl").iter().map(|line| line["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, (1..=20).map(|i| 6 * i).collect::<Vec<_>>());
}

#[test]
fn patience_ends_a_run_before_its_least_steps() {
    let folder = Folder::with_tasks();
    let mut run = Run::new(Mixing::default());
    // At this rate nothing is learnt.
    let settings = Settings { learning_rate: 1e-12, ..run.settings };
    run.settings = Settings { min_steps: 120, patience: Some(3), ..settings };
    let result = folder.train(&run, &folder.tasks()[..1], "out", &mut Silent).unwrap().result;
    assert_eq!((result.steps, result.target.selected_step), (24, 6));
}

#[test]
fn no_least_steps_are_not_listed() {
    let settings = |min_steps| Settings { min_steps, ..Settings::default() }.identity();
    assert_eq!(settings(0).get("min_steps"), None);
    assert_eq!(settings(600)["min_steps"], 600);
    let before = serde_json::json!(Settings::default());
    let before = before.as_object().unwrap().iter().filter(|(name, _)| *name != "min_steps");
    let before: serde_json::Map<_, _> = before.map(|(name, value)| (name.clone(), value.clone())).collect();
    assert_eq!(serde_json::from_value::<Settings>(before.into()).unwrap(), Settings::default());
}

#[test]
fn the_other_protocols_train_as_they_did() {
    for protocol in [Protocol::Paper, Protocol::Fixed] {
        assert_eq!(Settings::of(protocol), Settings { protocol, ..Settings::default() });
    }
    let held_out = Settings::of(Protocol::HeldOut);
    assert!(held_out.min_steps > 0 && held_out.patience.is_some());
    assert_eq!(held_out.exactly(3), Settings::default());
}

#[test]
fn too_many_are_a_slip() {
    let error = Settings { min_steps: 1_000_001, ..Settings::default() }.check().unwrap_err();
    assert!(matches!(error, Error::Setting { name: "min-steps", .. }), "{error}");
}
