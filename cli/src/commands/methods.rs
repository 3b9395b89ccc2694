//! `mtlift methods`.

use std::fmt::Write;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Result;
use clap::Args;
use mtlift_schedule::{About, Combine, FlatMinima, Parameter, Weighs};
use serde_json::{Value, json};

use crate::options::Output;
use crate::stdout;

/// List the methods of training, of tasks together above all, or explain one
#[derive(Args)]
#[command(after_help = "\
Examples:
  mtlift methods
  mtlift methods nash
  mtlift compare --target RTE --support MNLI --arms 'single,mtl,mtl:nash,mtl:cagrad(c=0.5)' --out studies/rte

A method is part of an arm (mtl:nash, single:sam); --combine and --flat-minima give one to all of them. docs/training-methods.md has \
them all with their sources.")]
pub(crate) struct Arguments {
    /// The method to explain; without one all are listed
    method: Option<Method>,
    #[command(flatten)]
    output: Output,
}

/// A method of any kind.
#[derive(Clone, Copy)]
pub(crate) struct Method {
    about: &'static About,
    /// What a combination weighs; none of an update.
    weighs: Option<Weighs>,
}

impl FromStr for Method {
    type Err = mtlift_schedule::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if FlatMinima::is_named_in(text) {
            return Ok(Self { about: text.parse::<FlatMinima>()?.about(), weighs: None });
        }
        let rule = text.parse::<Combine>()?.rule();
        Ok(Self { about: &rule.about, weighs: Some(rule.weighs) })
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let rules = Combine::rules().iter().map(|rule| Method { about: &rule.about, weighs: Some(rule.weighs) });
    let updates = FlatMinima::all().iter().map(|about| Method { about, weighs: None });
    let all: Vec<Method> =
        arguments.method.map_or_else(|| rules.chain(updates).collect(), |method| vec![method]);
    match (&all[..], arguments.output.json) {
        (all, true) => {
            stdout::print_json(&json!({ "methods": all.iter().map(Method::described).collect::<Vec<_>>() }))?;
        }
        ([method], false) => stdout::print(&method.explanation())?,
        (all, false) => stdout::print(&list(all))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(all: &[Method]) -> String {
    let mut text = String::new();
    for (heading, weighs) in [
        ("Combinations of the tasks' gradients", Some(Weighs::Gradients)),
        ("Weightings of the tasks' losses", Some(Weighs::Losses)),
        ("Updates that look for flat minima", None),
    ] {
        let _ = writeln!(text, "{heading}:");
        for Method { about, .. } in all.iter().filter(|method| method.weighs == weighs) {
            let _ = writeln!(text, "  {:<16} {:<5.2} {}", about.name, about.passes, about.summary);
        }
        text.push('\n');
    }
    text + "The number is what a step costs beside plain training. `mtlift methods NAME` explains a method and its parameters."
}

impl Method {
    /// Which arms take it, and what it does there.
    fn applies_to(&self) -> &'static str {
        match self.weighs {
            Some(Weighs::Gradients) => "the gradients of arms that mix tasks",
            Some(Weighs::Losses) => "the losses of arms that mix tasks",
            None => "the update of any arm",
        }
    }

    fn examples(&self) -> String {
        let name = self.about.name;
        match self.weighs {
            Some(_) => format!("mtl:{name}, mtl-all:{name}"),
            None => format!("single:{name}, mtl:{name}, mtl:nash+{name}"),
        }
    }

    fn memory(&self) -> &'static str {
        match self.weighs {
            _ if self.about.name == "sum" => "none",
            Some(_) => "a gradient for each task",
            None => "the parameters once more",
        }
    }

    fn described(&self) -> Value {
        let About { name, summary, source, explanation, parameters, passes } = self.about;
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
            "name": name,
            "summary": summary,
            "source": source,
            "explanation": explanation,
            "applies_to": self.applies_to(),
            "passes": passes,
            "more_memory": self.memory(),
            "parameters": parameters.iter().map(parameter).collect::<Vec<_>>(),
        })
    }

    fn explanation(&self) -> String {
        let about = self.about;
        let mut text = format!("{}: {}\n\n", about.name, about.summary);
        text += &wrapped(about.explanation);
        let _ = writeln!(text, "\nSource      {}", about.source);
        let _ = writeln!(text, "Applies to  {}: {}", self.applies_to(), self.examples());
        let _ = writeln!(text, "Costs       {:.2} of a plain step; memory: {}", about.passes, self.memory());
        for parameter in about.parameters {
            let Parameter { name, default, meaning, .. } = parameter;
            let _ = writeln!(text, "{name:<11} {meaning}; {default} unless given, {}", parameter.expected());
        }
        text
    }
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
