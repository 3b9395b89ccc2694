//! `mtlift methods`.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_schedule::{Combine, Parameter, Rule, Weighs};
use serde_json::{Value, json};

use crate::options::Output;
use crate::stdout;

/// List the methods of training tasks together, or explain one
#[derive(Args)]
#[command(after_help = "\
Examples:
  mtlift methods
  mtlift methods nash
  mtlift compare --target RTE --support MNLI --arms 'single,mtl,mtl:nash,mtl:cagrad(c=0.5)' --out studies/rte

A method is part of an arm that mixes tasks (mtl:nash), or --combine gives it to all of them. docs/training-methods.md has \
them all with their sources.")]
pub(crate) struct Arguments {
    /// The method to explain; without one all are listed
    method: Option<Combine>,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let rules: Vec<&Rule> = match arguments.method {
        None => Combine::rules().iter().collect(),
        Some(method) => vec![method.rule()],
    };
    match (&arguments.method, arguments.output.json) {
        (_, true) => {
            stdout::print_json(&json!({ "methods": rules.into_iter().map(described).collect::<Vec<_>>() }))?;
        }
        (None, false) => stdout::print(&list(&rules))?,
        (Some(_), false) => stdout::print(&explanation(rules[0]))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Which arms take it, and what it multiplies there.
fn applies_to(rule: &Rule) -> &'static str {
    match rule.weighs {
        Weighs::Gradients => "gradients of arms that mix tasks",
        Weighs::Losses => "losses of arms that mix tasks",
    }
}

fn memory(rule: &Rule) -> &'static str {
    if rule.about.name == "sum" { "none" } else { "a gradient for each task" }
}

fn described(rule: &Rule) -> Value {
    let about = &rule.about;
    let parameter = |parameter: &Parameter| {
        json!({
            "name": parameter.name,
            "default": parameter.default,
            "least": parameter.range.start(),
            "most": parameter.range.end(),
            "whole": parameter.whole,
            "meaning": parameter.meaning,
        })
    };
    json!({
        "name": about.name,
        "summary": about.summary,
        "source": about.source,
        "explanation": about.explanation,
        "applies_to": applies_to(rule),
        "passes": about.passes,
        "more_memory": memory(rule),
        "parameters": about.parameters.iter().map(parameter).collect::<Vec<_>>(),
    })
}

fn list(rules: &[&Rule]) -> String {
    let mut text = String::new();
    for (heading, weighs) in [
        ("Combinations of the tasks' gradients", Weighs::Gradients),
        ("Weightings of the tasks' losses", Weighs::Losses),
    ] {
        let _ = writeln!(text, "{heading}:");
        for rule in rules.iter().filter(|rule| rule.weighs == weighs) {
            let about = &rule.about;
            let _ = writeln!(text, "  {:<16} {:<5.2} {}", about.name, about.passes, about.summary);
        }
        text.push('\n');
    }
    text + "The number is what a step costs beside plain training. `mtlift methods NAME` explains a method and its parameters."
}

fn explanation(rule: &Rule) -> String {
    let about = &rule.about;
    let mut text = format!("{}: {}\n\n", about.name, about.summary);
    text += &wrapped(about.explanation);
    let _ = writeln!(text, "\nSource      {}", about.source);
    let _ = writeln!(text, "Applies to  {}: mtl:{}, mtl-all:{}", applies_to(rule), about.name, about.name);
    let _ = writeln!(text, "Costs       {:.2} of a plain step; memory: {}", about.passes, memory(rule));
    for parameter in about.parameters {
        let Parameter { name, default, meaning, .. } = parameter;
        let _ = writeln!(text, "{name:<11} {meaning}; {default} unless given, {}", parameter.expected());
    }
    text
}

/// In lines that fit the terminal.
fn wrapped(text: &str) -> String {
    let width = stdout::width().min(100);
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines = lines + &std::mem::take(&mut line) + "\n";
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    lines + &line + "\n"
}
