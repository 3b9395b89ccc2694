//! `mtlift submit`.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use mtlift_glue_data::{Kind, Task, registry};
use mtlift_train::{Predictions, RunFiles, TrainedModel};
use serde::Serialize;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::misuse::Misuse;
use crate::options::{Common, OutFile, Untouched};
use crate::{progress, stdout};

/// Write the predictions on GLUE's test sets as the archive that its server accepts
#[derive(Args)]
#[command(after_help = "\
Examples:
  mtlift submit studies/sweep --out submission.zip
  mtlift submit runs/rte runs/cola STS-B=models/my-sts --partial --out submission.zip

From a study, each target gets the arm that its verdict uses, and of its seeds the one that scored best on the selecting rows; \
the models must be there (--keep-models all). A run answers its own task. MNLI's model also answers AX. The archive has \
eleven files: index and prediction, with the label words of GLUE's server, STS-B as numbers from 0 to 5.")]
pub(crate) struct Arguments {
    /// Studies, runs, or TASK=MODEL; the last model given for a task is used
    #[arg(required = true, value_name = "STUDY|RUN|TASK=MODEL")]
    from: Vec<String>,
    #[command(flatten)]
    archive: OutFile,
    /// Leave out tasks that have no model or no test file; GLUE's server does not accept such an archive
    #[arg(long)]
    partial: bool,
    /// The most tokens of a row; give the same as in training [default: 128]
    #[arg(long, value_name = "N")]
    max_tokens: Option<usize>,
    #[command(flatten)]
    common: Common,
}

/// GLUE's files, by the task and the split that they answer.
const FILES: [(&str, &str, &str); 11] = [
    ("CoLA.tsv", "CoLA", "test"),
    ("SST-2.tsv", "SST-2", "test"),
    ("MRPC.tsv", "MRPC", "test"),
    ("STS-B.tsv", "STS-B", "test"),
    ("QQP.tsv", "QQP", "test"),
    ("MNLI-m.tsv", "MNLI", "test"),
    ("MNLI-mm.tsv", "MNLI", "test-mismatched"),
    ("QNLI.tsv", "QNLI", "test"),
    ("RTE.tsv", "RTE", "test"),
    ("WNLI.tsv", "WNLI", "test"),
    ("AX.tsv", "AX", "test"),
];

#[derive(Serialize)]
struct Written {
    archive: PathBuf,
    files: BTreeMap<&'static str, usize>,
    missing: BTreeMap<&'static str, String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Common { threads, home, cache, output } = &arguments.common;
    let out = &arguments.archive;
    out.check(output)?;
    let mut models: BTreeMap<String, PathBuf> = BTreeMap::new();
    for from in &arguments.from {
        models.extend(sources(from)?);
    }
    for (task, model) in &models {
        if !FILES.iter().any(|(_, name, _)| name == task) {
            progress::warn(&format!("{task} is not a GLUE task: {} is not used", model.display()));
        }
    }
    let untouched = models.values().fold(Untouched::home(home), |all, model| all.model(model));
    let directories = arguments.from.iter().filter(|from| !from.contains('='));
    directories.fold(untouched, |all, from| all.files_in(Path::new(from))).check(out.path())?;
    let cache = cache.open();
    let (mut files, mut missing) = (Vec::new(), BTreeMap::new());
    for (file, name, split) in FILES {
        let asked = if name == "AX" && !models.contains_key(name) { "MNLI" } else { name };
        let Some(model) = models.get(asked) else {
            missing.insert(file, format!("no model for {asked}"));
            continue;
        };
        let task = home.task_with_or_without_files(name)?;
        let there = task.files.iter().find(|file| file.split == split).filter(|file| file.path.is_file());
        let Some(there) = there else {
            missing.insert(file, format!("{name} has no {split} file here"));
            continue;
        };
        let predict = || answer(model, &task, split, arguments.max_tokens, cache.as_ref());
        let text = threads
            .with(threads.count(), predict)?
            .with_context(|| format!("{file}, {}", there.path.display()))?;
        files.push((file, text));
    }
    if files.is_empty() || !missing.is_empty() && !arguments.partial {
        let all: Vec<String> = missing.iter().map(|(file, why)| format!("{file} ({why})")).collect();
        let partial = if files.is_empty() { "no file is left" } else { "--partial leaves them out" };
        return Err(Misuse(format!("these files would be missing: {}; {partial}", all.join(", "))).into());
    }
    let archive = archive(&files).context("cannot make the archive")?;
    check(&archive, &files).context("the archive does not hold what was put into it")?;
    out.write(|to| to.write_all(&archive))?;
    for (file, why) in &missing {
        progress::warn(&format!("{file} is left out: {why}"));
    }
    let files: BTreeMap<&str, usize> =
        files.iter().map(|(file, text)| (*file, text.lines().count() - 1)).collect();
    if output.json {
        stdout::print_json(&Written { archive: out.path().to_owned(), files, missing })?;
    } else {
        let lines: Vec<String> =
            files.iter().map(|(file, rows)| format!("{file:<12} {rows:>7} rows")).collect();
        out.announce(&format!("{}\n{} files in {}", lines.join("\n"), files.len(), out.path().display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The models that an argument names, by task.
fn sources(from: &str) -> Result<Vec<(String, PathBuf)>> {
    if let Some((task, model)) = from.split_once('=') {
        let known = registry().iter().find(|known| known.name.eq_ignore_ascii_case(task));
        let known = known.ok_or_else(|| Misuse(format!("{from}: `{task}` is not a GLUE task")))?;
        return Ok(vec![(known.name.to_owned(), PathBuf::from(model))]);
    }
    let directory = Path::new(from);
    if directory.join("study.json").exists() {
        let winners = mtlift_study::best_models(directory)?.into_iter();
        return Ok(winners.map(|winner| (winner.target, winner.model)).collect());
    }
    let run = RunFiles::at(directory);
    if !run.is_finished() {
        let what = format!("{from}: neither a study nor a finished run; for a model, give TASK={from}");
        return Err(Misuse(what).into());
    }
    let result = run.result()?;
    let target = result.target.task.clone();
    let model = run.model_for(&result, &target);
    Ok(vec![(target, model)])
}

/// A file of the archive: the header and a line for each test row.
fn answer(
    model: &Path,
    task: &Task,
    split: &str,
    max_tokens: Option<usize>,
    cache: Option<&mtlift_glue_data::TokenCache>,
) -> Result<String> {
    let model = TrainedModel::open(model, task, None, max_tokens).map_err(|error| match error {
        // The error's own advice is a flag that one command for several models cannot have.
        mtlift_train::Error::PlaceholderLabels { directory, found, .. } => anyhow!(
            "the labels of {} are only placeholders ({found}): say what they mean in its config.json, id2label and label2id",
            directory.display()
        ),
        error => error.into(),
    })?;
    let rows = model.read(task, split, cache, &mut progress::warn)?;
    let official = task.files.iter().find(|file| file.split == split).and_then(|file| file.official_rows);
    if let Some(official) = official.filter(|&official| official != rows.indices.len()) {
        bail!("{} rows, GLUE's own file has {official}", rows.indices.len());
    }
    let labels = &model.head().labels.names;
    let mut text = "index\tprediction\n".to_owned();
    let words: Vec<String> = match Predictions::from_logits(&model.logits(&rows)?, labels.len()) {
        Predictions::Classes(classes) if task.kind == Kind::Classification => {
            classes.into_iter().map(|class| labels[class].clone()).collect()
        }
        Predictions::Values(values) if task.kind == Kind::Regression => {
            values.into_iter().map(|value| format!("{:.3}", value.clamp(0.0, 5.0))).collect()
        }
        _ => bail!("the model does not answer what {} asks", task.name),
    };
    for (row, (index, word)) in rows.indices.iter().zip(words).enumerate() {
        if index.parse() != Ok(row) {
            bail!("row {row} has the index {index}: GLUE's files count from 0");
        }
        text.push_str(&format!("{index}\t{word}\n"));
    }
    Ok(text)
}

/// The archive, whose files are small enough to be in memory together.
fn archive(files: &[(&str, String)]) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new_stream(Vec::new());
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Reads the archive back and compares it file by file.
fn check(archive: &[u8], files: &[(&str, String)]) -> Result<()> {
    let mut zip = ZipArchive::new(Cursor::new(archive))?;
    if zip.len() != files.len() {
        bail!("it has {} files of {}", zip.len(), files.len());
    }
    for (name, text) in files {
        let mut there = String::new();
        zip.by_name(name)?.read_to_string(&mut there)?;
        if there != *text {
            bail!("{name} differs");
        }
    }
    Ok(())
}
