//! `mtlift data show`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_glue_data::{Example, Kind, Split, Target, Task};
use serde_json::{Value, json};

use crate::options::{Home, Output};
use crate::stdout;

/// Print a few rows of a task
#[derive(Args)]
#[command(after_help = "\
Examples:
  mtlift data show RTE
  mtlift data show demo:sentiment --split dev --rows 20")]
pub(crate) struct Arguments {
    /// A task: GLUE's, the built-in suite's (demo:sentiment), or a TOML file that describes your own
    task: String,
    /// The split whose rows are shown
    #[arg(long, default_value = "train")]
    split: String,
    /// How many rows, from the first
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rows: u32,
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let task = arguments.home.task(&arguments.task)?;
    let split = task.read(&arguments.split)?;
    let shown = &split.examples[..split.examples.len().min(arguments.rows as usize)];
    if arguments.output.json {
        let rows: Vec<Value> = shown.iter().map(|row| object(row, &task)).collect();
        let (kind, labels) = (task.kind, &task.labels);
        let all = split.examples.len();
        stdout::print_json(&json!({
            "task": task.name, "kind": kind, "labels": labels, "split": arguments.split, "split_rows": all, "rows": rows,
        }))?;
    } else {
        stdout::print(&text(&task, &arguments.split, &split, shown))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn object(row: &Example, task: &Task) -> Value {
    let target = match row.target {
        None => Value::Null,
        Some(Target::Class(class)) => json!(task.labels[class]),
        Some(Target::Value(value)) => json!(value),
    };
    let mut object = json!({"index": row.index, "line": row.line, "text_a": row.text_a, "text_b": row.text_b, "target": target});
    if task.groups().is_some() {
        object["group"] = json!(row.group);
    }
    object
}

/// A heading, then a paragraph a row: its index and target, its texts below.
fn text(task: &Task, name: &str, split: &Split, shown: &[Example]) -> String {
    let asks = match task.kind {
        Kind::Classification => format!("labels {}", task.labels.join(", ")),
        Kind::Regression => "targets are numbers".to_owned(),
    };
    let heading = format!(
        "{} {name}: {} of {} rows, {asks} ({})",
        task.name,
        shown.len(),
        split.examples.len(),
        split.path.display()
    );
    let row = |row: &Example| {
        let target = match row.target {
            None => "no target".to_owned(),
            Some(Target::Class(class)) => task.labels[class].clone(),
            Some(Target::Value(value)) => value.to_string(),
        };
        let texts = [Some(&row.text_a), row.text_b.as_ref()].into_iter().flatten();
        let texts: String = texts.map(|text| format!("\n    {}", printable(text))).collect();
        let group = row.group.as_ref().map_or(String::new(), |group| format!("  [{}]", printable(group)));
        format!("\n{}  {}{group}{texts}", printable(&row.index), printable(&target))
    };
    [heading].into_iter().chain(shown.iter().map(row)).collect::<Vec<_>>().join("\n")
}

/// The text on one line: what would move the cursor or colour the terminal is written as an escape.
fn printable(text: &str) -> String {
    let escape = |letter: char| {
        if letter.is_control() { letter.escape_default().collect() } else { letter.to_string() }
    };
    text.chars().map(escape).collect()
}
