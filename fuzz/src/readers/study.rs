//! A study: the file that asks for one, the question of one that is there, and what its runs left for the report.

use std::path::Path;

use mtlift_files::read_text;
use mtlift_glue_data::Task;
use mtlift_report::{Findings, html, tables, terminal};
use mtlift_study::{Invocation, Question, Sources, Spec, Study, best_models, plan};
use serde_json::Value;

use super::world::World;
use crate::mutate::Form;
use crate::target::Target;

const INVOCATION: Invocation<'static> = Invocation { command: "it", places: &[] };

/// A study of four arms and two seeds, of which most runs are finished.
const STUDY: &str = "cli/tests/fixture/study-3640a79";
/// A finished run of `single`.
pub(super) const RUN: &str = "study/runs/4c70e8e663370739";
/// A finished run of `stilts`.
const STILTS: &str = "study/runs/0ad882bdb1dbd721";
/// A run of `mtl` that was stopped.
pub(super) const UNFINISHED: &str = "study/runs/d18f0c72b0d75fe8";

/// The study with some of its arms, and without the runs of the others: what is analysed takes its time.
pub(super) fn small(arms: &[&str]) -> World {
    let world = World::copy_of(STUDY);
    let mut asked: Value =
        serde_json::from_slice(&world.read("study/study.json")).expect("the study is genuine");
    asked["arms"] = arms.into();
    world.write("study/study.json", asked.to_string());
    let path = world.path("study");
    let spec = Study::spec_of(&path).expect("the study is genuine");
    look(&world, &spec, |sources| Study::existing(&path, sources)?.gc().map(drop))
        .expect("the study is genuine");
    world
}

pub(super) fn file() -> Target {
    let world = World::copy_of(STUDY);
    let genuine = "model = \"model\"\ntargets = [\"target.toml\"]\nsupports = [\"support.toml\"]\nseeds = [1, 2]\n\
                   arms = [\"single\", \"stilts\", \"mtl\", \"mtl-all\"]\nmtl_all_samplers = [\"size\", \"annealed\"]\n[settings]\n\
                   epochs = 2\nbatch = 8\nheld_out = 0.2\npatience = 3\n[support_phase]\nsteps = 20\nlearning_rate = 1e-4\n\
                   [mixing.mix]\nsampler = \"temperature:0.5\"\nexposure = \"all-full\"\n";
    let curve = "model = \"model\"\ntargets = [\"target.toml\"]\nsupports = [\"support.toml\"]\nseeds = [1]\nratios = [0.5, 1.0]\n\
                 [settings]\nmax_train = 16\n";
    let genuine = vec![genuine.into(), curve.into()];
    Target::new(Form::Toml, genuine, move |bytes| {
        world.write("asked.toml", bytes);
        let is_curve = bytes.windows(6).any(|word| word == b"ratios");
        let question = if is_curve { Question::SizeCurve } else { Question::Compare };
        let text = read_text(&world.path("asked.toml")).map_err(|error| error.to_string())?;
        let spec = Spec::parse(question, None, "asked.toml", &text).map_err(|error| error.to_string())?;
        look(&world, &spec, |sources| plan(&spec, sources).map(drop))
    })
}

pub(super) fn question() -> Target {
    World::copy_of(STUDY).target(&[("study/study.json", Form::Json)], |world| {
        let path = world.path("study");
        let spec = Study::spec_of(&path).map_err(|error| error.to_string())?;
        look(world, &spec, |sources| Study::existing(&path, sources)?.estimate(1, None).map(drop))
    })
}

pub(super) fn result() -> Target {
    let files = [RUN, STILTS].map(|run| format!("{run}/result.json"));
    analysed(&files.each_ref().map(|name| (name.as_str(), Form::Json)))
}

pub(super) fn predictions() -> Target {
    let files = [RUN, STILTS].map(|run| format!("{run}/predictions-dev.tsv"));
    analysed(&files.each_ref().map(|name| (name.as_str(), Form::Bytes)))
}

/// A study that is analysed and shown.
fn analysed(files: &[(&str, Form)]) -> Target {
    let world = small(&["single", "stilts"]);
    let path = world.path("study");
    let spec = Study::spec_of(&path).expect("the study is genuine");
    let tasks = tasks(&world, &spec).expect("the tasks are genuine");
    let study = Study::existing(&path, sources(&world.path("model"), &tasks)).expect("the study is genuine");
    world.target(files, move |_| {
        shown(&study.findings(INVOCATION).map_err(|error| error.to_string())?);
        Ok::<_, String>(())
    })
}

/// Looks at a study with the tasks that it names, as far as they are there.
pub(super) fn look(
    world: &World,
    spec: &Spec,
    look: impl FnOnce(Sources<'_>) -> Result<(), mtlift_study::Error>,
) -> Result<(), String> {
    let tasks = tasks(world, spec)?;
    look(sources(&world.path("model"), &tasks)).map_err(|error| error.to_string())
}

fn sources<'a>(model: &'a Path, tasks: &'a [Task]) -> Sources<'a> {
    Sources { model, tasks, cache: None }
}

fn tasks(world: &World, spec: &Spec) -> Result<Vec<Task>, String> {
    let find = |name: &String| Task::find(&world.path(name).to_string_lossy(), None);
    let tasks = spec.tasks().iter().map(find).collect::<Result<Vec<_>, _>>();
    match tasks.map_err(|error| error.to_string())? {
        none if none.is_empty() => Err("a study without tasks".to_owned()),
        tasks => Ok(tasks),
    }
}

pub(super) fn findings() -> Target {
    let world = small(&["single", "stilts"]);
    let path = world.path("study");
    let spec = Study::spec_of(&path).expect("the study is genuine");
    let mut genuine = Vec::new();
    look(&world, &spec, |sources| {
        let findings = Study::existing(&path, sources)?.findings(INVOCATION)?;
        genuine = serde_json::to_vec(&findings).expect("findings can be written");
        Ok(())
    })
    .expect("the study is genuine");
    Target::new(Form::Json, vec![genuine], move |bytes| {
        let findings: Findings = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        shown(&findings);
        world.write("study/findings.json", bytes);
        // Whether the models are there is another question.
        drop(best_models(&path));
        Ok::<_, String>(())
    })
}

/// All forms of a report.
fn shown(findings: &Findings) {
    html(findings).expect("whatever the findings, there is a page");
    tables(findings);
    terminal(findings, 80);
}
