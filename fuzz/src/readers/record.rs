//! What a run left: each of its records by itself, and all of them as a study's status is made of them.

use mtlift_study::Study;
use mtlift_train::{Error, RunFiles};

use super::study::{RUN, UNFINISHED, look, small};
use super::world::World;
use crate::mutate::Form;
use crate::target::Target;

const FAILURE: &str = r#"{"step": 3, "loss": "NaN", "grad_norm": "inf", "learning_rate": 1e-3, "rows": {"meals": [1, 2], "alike": [0]}}"#;

pub(super) fn alone() -> Target {
    let world = small(&["single", "stilts"]);
    world.write(&format!("{RUN}/failure.json"), FAILURE);
    let files = of_run(RUN, &["result.json", "timing.json", "failure.json"]);
    let logs = of_run(RUN, &["steps.jsonl", "evals.jsonl"]);
    target(world, &files, &logs, |world| {
        let run = RunFiles::at(&world.path(RUN));
        run.result()?;
        run.timing()?;
        run.failure()?;
        run.evaluations()?;
        run.steps().map(drop)?;
        Ok::<_, Error>(())
    })
}

pub(super) fn of_a_study() -> Target {
    let world = small(&["single", "mtl"]);
    world.write(&format!("{UNFINISHED}/failure.json"), FAILURE);
    // A run that the study does not ask for is described by what stands beside it.
    let described = world.read(&format!("{RUN}.json"));
    world.write("study/runs/0123456789abcdef.json", described);
    let mut files = of_run(RUN, &["result.json", "timing.json"]);
    files.push(format!("{UNFINISHED}/failure.json"));
    files.push("study/runs/0123456789abcdef.json".to_owned());
    target(world, &files, &[], |world| {
        let path = world.path("study");
        let spec = Study::spec_of(&path).map_err(|error| error.to_string())?;
        look(world, &spec, |sources| {
            let study = Study::existing(&path, sources)?;
            study.unneeded()?;
            study.status().map(drop)
        })
    })
}

fn of_run(run: &str, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{run}/{name}")).collect()
}

fn target<E: ToString>(
    world: World,
    records: &[String],
    logs: &[String],
    read: impl FnMut(&World) -> Result<(), E> + Send + 'static,
) -> Target {
    let records = records.iter().map(|name| (name.as_str(), Form::Json));
    let logs = logs.iter().map(|name| (name.as_str(), Form::JsonLines));
    world.target(&records.chain(logs).collect::<Vec<_>>(), read)
}
