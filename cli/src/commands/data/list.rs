//! `mtlift data list`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_glue_data::{DemoTask, GlueTask, demo_knobs, demo_tasks, registry};
use serde_json::json;

use crate::options::{Home, Output};
use crate::stdout;

/// List the tasks that have a name, and which of their files are there
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift data list

The tasks of the built-in suite, demo:..., need no file. Their names take knobs, separated by colons: \
demo:sentiment:seed=3:rows=400.

Any other task is a TOML file that names its files, columns and labels: see docs/task-files.md.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let home = arguments.home.path();
    let there = |task: &GlueTask, file: &str| {
        home.is_some_and(|home| home.join("glue").join(task.folder).join(file).is_file())
    };
    if arguments.output.json {
        let task = |task: &GlueTask| {
            let files: Vec<_> = task
                .files
                .iter()
                .map(|file| json!({"split": file.split, "file": file.file, "official_rows": file.rows, "found": there(task, file.file)}))
                .collect();
            json!({"name": task.name, "about": task.about, "kind": task.kind, "labels": task.labels, "metrics": task.metrics, "files": files})
        };
        let demo = |task: &DemoTask| json!({"name": task.name, "about": task.about, "kind": task.kind, "labels": task.labels, "metrics": task.metrics, "rows": task.rows});
        let knobs: Vec<_> =
            demo_knobs().iter().map(|(name, range)| json!({"name": name, "range": range})).collect();
        stdout::print_json(&json!({
            "tasks": registry().iter().map(task).collect::<Vec<_>>(),
            "demo": demo_tasks().iter().map(demo).collect::<Vec<_>>(),
            "demo_knobs": knobs,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = vec![["task", "question", "metrics", "files found"].map(str::to_owned)];
    for task in registry() {
        let found: Vec<&str> =
            task.files.iter().filter(|file| there(task, file.file)).map(|file| file.split).collect();
        let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
        rows.push([task.name.to_owned(), task.about.to_owned(), task.metrics.join(", "), found]);
    }
    for task in demo_tasks() {
        rows.push([task.name, task.about, &task.metrics.join(", "), "built in"].map(str::to_owned));
    }
    let mut lines = columns(&rows);
    let knobs: Vec<String> = demo_knobs().iter().map(|(name, range)| format!("{name} ({range})")).collect();
    lines.push(format!("demo tasks take knobs, as in demo:sentiment:seed=3:rows=200: {}", knobs.join(", ")));
    if home.is_none() {
        lines.push("no data home: set MTLIFT_HOME or --data-home".to_owned());
    }
    stdout::print(&lines.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The rows as lines whose columns are as wide as their widest entry.
fn columns<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
