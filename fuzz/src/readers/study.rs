//! A study: the file that asks for one, the question of one that is there, and what its runs left for the report.

use mtlift_files::read_text;
use mtlift_glue_data::Task;
use mtlift_report::{Findings, html, tables, terminal};
use mtlift_study::{Invocation, Question, Sources, Spec, Study, best_models, plan};

use super::world::World;
use crate::mutate::Form;
use crate::target::Target;

const INVOCATION: Invocation<'static> = Invocation { command: "it", places: &[] };

/// A study of ten runs, some of which are finished.
const STUDY: &str = "cli/tests/fixture/study-3640a79";
/// One of its finished runs.
const RUN: &str = "study/runs/4c70e8e663370739";

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
    mutated("study/study.json", Form::Json, false)
}

pub(super) fn result() -> Target {
    mutated(&format!("{RUN}/result.json"), Form::Json, true)
}

pub(super) fn predictions() -> Target {
    mutated(&format!("{RUN}/predictions-dev.tsv"), Form::Bytes, true)
}

/// A study of which a file is mutated, and which is looked at as its commands do. The analysis takes its time: it is asked for
/// where the file goes into it.
fn mutated(name: &str, form: Form, analysed: bool) -> Target {
    let world = World::copy_of(STUDY);
    let (name, genuine) = (name.to_owned(), vec![world.read(name)]);
    Target::new(form, genuine, move |bytes| {
        world.write(&name, bytes);
        let path = world.path("study");
        let spec = Study::spec_of(&path).map_err(|error| error.to_string())?;
        look(&world, &spec, |sources| {
            let study = Study::existing(&path, sources)?;
            study.estimate(1, None)?;
            if analysed {
                shown(&study.findings(INVOCATION)?);
            }
            Ok(())
        })
    })
}

/// Looks at a study with the tasks that it names, as far as they are there.
fn look(
    world: &World,
    spec: &Spec,
    look: impl FnOnce(Sources<'_>) -> Result<(), mtlift_study::Error>,
) -> Result<(), String> {
    let find = |name: &String| Task::find(&world.path(name).to_string_lossy(), None);
    let tasks = spec.tasks().iter().map(find).collect::<Result<Vec<_>, _>>();
    let tasks = tasks.map_err(|error| error.to_string())?;
    if tasks.is_empty() {
        return Err("a study without tasks".to_owned());
    }
    let sources = Sources { model: &world.path("model"), tasks: &tasks, cache: None };
    look(sources).map_err(|error| error.to_string())
}

pub(super) fn findings() -> Target {
    let world = World::copy_of(STUDY);
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
