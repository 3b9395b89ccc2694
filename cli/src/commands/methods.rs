//! `mtlift methods`.

use std::fmt::Write;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Result;
use clap::Args;
use mtlift_schedule::{
    About, Adapt, Architecture, Arm, Auxiliary, Combine, Distillation, FlatMinima, LooksAt, Merge, MergeRule,
    Parameter, Rebalance, Rule, SelfTraining, Standing, Weighs, WeightAverage, unknown_method,
};
use serde_json::{Value, json};

use crate::options::Output;
use crate::stdout;

/// List the methods of training, of merging and of self-training, or explain one
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
    kind: Kind,
}

/// What a method is a choice of.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// How several tasks become one step: by their gradients or by their losses.
    Combination(Weighs),
    /// How the tasks lie on the network.
    Architecture,
    /// How the update is made, for several tasks by a climb of each or not.
    Update { of_each_task: bool },
    /// Which mean of a run's weights counts.
    Average,
    /// Which rows of the target count more.
    Rebalance,
    /// What is learnt of the target's own texts: beside the labels, or before them as an arm of its own.
    Texts { beside_labels: bool },
    /// How rows without labels are compared with twins that are written of them.
    Twins,
    /// How trained models become one, which stands so to its source.
    Merge { is_chosen: bool, standing: Standing, looks_at: Option<LooksAt> },
    /// What trained models teach another.
    Distillation,
    /// How rows are labelled and filtered that are found without labels or are written: a method that is an arm.
    SelfTraining { writes: bool },
}

/// Under which they are listed, in this order.
const HEADINGS: [&str; 10] = [
    "Combinations of the tasks' gradients",
    "Weightings of the tasks' losses",
    "Architectures",
    "Updates that look for flat minima",
    "Averages of a run's own weights",
    "Rows of the target that count more",
    "Learning from the target's own texts",
    "Merges of trained models",
    "Arms in which trained models teach another",
    "Arms that label rows themselves",
];

impl FromStr for Method {
    type Err = mtlift_schedule::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if FlatMinima::is_named_in(text) {
            Self::update(text.parse()?)
        } else if WeightAverage::is_named_in(text) {
            Self::average(text.parse::<WeightAverage>()?.about())
        } else if Rebalance::is_named_in(text) {
            Self::rebalance(text.parse::<Rebalance>()?.about())
        } else if Auxiliary::is_named_in(text) {
            Self::beside_labels(text.parse()?)
        } else if Adapt::is_named_in(text) {
            Self::before_labels(text.parse::<Adapt>()?.about())
        } else if Merge::is_named_in(text) {
            Self::merge(text.parse::<Merge>()?.rule())
        } else if Distillation::is_named_in(text) {
            text.parse::<Distillation>()?;
            Self::distillation()
        } else if SelfTraining::is_named_in(text) {
            Self::self_training(text.parse::<SelfTraining>()?.about())
        } else if let Some(about) = Architecture::named_in(text) {
            Self::architecture(about)
        } else if Combine::is_named_in(text) {
            Self::combination(text.parse::<Combine>()?.rule())
        } else {
            return Err(unknown_method(text));
        })
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let rules = Combine::rules().iter().map(Method::combination);
    let architectures = Architecture::all().iter().copied().map(Method::architecture);
    let updates = FlatMinima::all().map(Method::update);
    let averages = WeightAverage::all().iter().map(Method::average);
    let rebalances = Rebalance::all().iter().map(Method::rebalance);
    let before = Adapt::all().iter().map(Method::before_labels);
    let texts = before.chain(Auxiliary::all().map(Method::beside_labels));
    let merges = Merge::rules().iter().map(Method::merge);
    let every = rules
        .chain(architectures)
        .chain(updates)
        .chain(averages)
        .chain(rebalances)
        .chain(texts)
        .chain(merges)
        .chain([Method::distillation()])
        .chain(SelfTraining::all().iter().map(Method::self_training));
    let all: Vec<Method> = arguments.method.map_or_else(|| every.collect(), |method| vec![method]);
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
    for heading in HEADINGS {
        let _ = writeln!(text, "{heading}:");
        for Method { about, .. } in all.iter().filter(|method| method.kind.heading() == heading) {
            let _ = writeln!(text, "  {:<17} {:<5.2} {}", about.name, about.passes, about.summary);
        }
        text.push('\n');
    }
    text + "The number is what a step costs beside plain training. `mtlift methods NAME` explains a method and its parameters."
}

impl Kind {
    fn heading(self) -> &'static str {
        let [
            gradients,
            losses,
            architectures,
            updates,
            averages,
            rebalances,
            texts,
            merges,
            teaching,
            self_training,
        ] = HEADINGS;
        match self {
            Kind::Combination(Weighs::Gradients) => gradients,
            Kind::Combination(Weighs::Losses) => losses,
            Kind::Architecture => architectures,
            Kind::Update { .. } => updates,
            Kind::Average => averages,
            Kind::Rebalance => rebalances,
            Kind::Texts { .. } | Kind::Twins => texts,
            Kind::Merge { .. } => merges,
            Kind::Distillation => teaching,
            Kind::SelfTraining { .. } => self_training,
        }
    }
}

impl Method {
    fn combination(rule: &'static Rule) -> Self {
        Self { about: &rule.about, kind: Kind::Combination(rule.weighs) }
    }

    fn architecture(about: &'static About) -> Self {
        Self { about, kind: Kind::Architecture }
    }

    fn average(about: &'static About) -> Self {
        Self { about, kind: Kind::Average }
    }

    fn rebalance(about: &'static About) -> Self {
        Self { about, kind: Kind::Rebalance }
    }

    fn before_labels(about: &'static About) -> Self {
        Self { about, kind: Kind::Texts { beside_labels: false } }
    }

    fn beside_labels(auxiliary: Auxiliary) -> Self {
        let kind = match auxiliary.consistency() {
            None => Kind::Texts { beside_labels: true },
            Some(_) => Kind::Twins,
        };
        Self { about: auxiliary.about(), kind }
    }

    fn merge(rule: &'static MergeRule) -> Self {
        let (is_chosen, standing, looks_at) = (rule.choice.is_some(), rule.standing, rule.looks_at());
        Self { about: &rule.about, kind: Kind::Merge { is_chosen, standing, looks_at } }
    }

    fn distillation() -> Self {
        Self { about: Distillation::about(), kind: Kind::Distillation }
    }

    fn self_training(about: &'static About) -> Self {
        let writes =
            SelfTraining::of_arm(Arm::SelfTrainInfill).is_some_and(|own| own.about().name == about.name);
        Self { about, kind: Kind::SelfTraining { writes } }
    }

    fn update(flat_minima: FlatMinima) -> Self {
        let of_each_task = flat_minima.is_of_each_task();
        Self { about: flat_minima.about(), kind: Kind::Update { of_each_task } }
    }

    /// Which arms take it, and what it does there.
    fn applies_to(&self) -> &'static str {
        match self.kind {
            Kind::Combination(Weighs::Gradients) => "the gradients of arms that mix tasks",
            Kind::Combination(Weighs::Losses) => "the losses of arms that mix tasks",
            Kind::Architecture => "arms that mix tasks",
            Kind::Update { of_each_task: true } => "the update of arms that mix tasks",
            Kind::Update { of_each_task: false } => "the update of any arm",
            Kind::Average => "the weights of any arm, in every phase",
            Kind::Rebalance => "the arm single",
            Kind::Texts { beside_labels: true } => "the loss of arms that train on one task at a time",
            Kind::Texts { beside_labels: false } => "the target's texts, as an arm of its own",
            Kind::Twins => "single and single:steps, with a model that has a head for masked tokens",
            Kind::Merge { .. } => "the encoders of trained models, in an arm or by mtlift merge",
            Kind::Distillation => "the target, as an arm of its own",
            Kind::SelfTraining { writes: false } => {
                "the target's rows without labels, or a support's texts; it is an arm"
            }
            Kind::SelfTraining { writes: true } => {
                "the target's training rows, with a model that has a head for masked tokens; it is an arm"
            }
        }
    }

    fn examples(&self) -> String {
        let name = self.about.name;
        match self.kind {
            Kind::Combination(_) => format!("mtl:{name}, mtl-all:{name}"),
            Kind::Architecture if name == "layers" => {
                "mtl:layers(RTE=4,MNLI=6), mtl:nash+layers(RTE=4)".to_owned()
            }
            Kind::Architecture => format!("mtl:{name}, mtl-all:{name}"),
            Kind::Update { of_each_task: true } => format!("mtl:{name}, mtl-all:nash+{name}"),
            Kind::Update { of_each_task: false } | Kind::Average => {
                format!("single:{name}, mtl:{name}, mtl:nash+{name}")
            }
            Kind::Rebalance => format!("single:{name}, single:{name}+ema"),
            Kind::Texts { beside_labels: true } => {
                format!("single:{name}, 'single:{name}(weight=0.3,l1=0.1)'")
            }
            Kind::Texts { beside_labels: false } => format!("{name}, '{name}(epochs=3)', {name}:sam"),
            Kind::Twins => format!("single:{name}, 'single:{name}(threshold=0.5,masked=0.2)'"),
            Kind::Merge { is_chosen: false, .. } => format!("merge:{name}, merge-then-target:{name}"),
            Kind::Distillation => format!("{name}, '{name}(temperature=2,unlabelled=1000)', {name}:sam"),
            Kind::Merge { .. } => format!("merge:{name}, merge:{name}+held-out, merge-then-target:{name}"),
            Kind::SelfTraining { writes: false } => {
                format!("{name}, '{name}(confidence=0.8,rounds=2)', {name}:support")
            }
            Kind::SelfTraining { writes: true } => {
                format!("{name}, '{name}(copies=8,masked=0.2)', {name}:sam")
            }
        }
    }

    fn memory(&self) -> &'static str {
        match self.kind {
            Kind::Architecture
            | Kind::Rebalance
            | Kind::Twins
            | Kind::SelfTraining { .. }
            | Kind::Combination(Weighs::Losses) => "none to speak of",
            Kind::Combination(Weighs::Gradients) => "a gradient for each task",
            Kind::Update { of_each_task: true } => {
                "two gradients for each task, and the parameters once more"
            }
            Kind::Update { of_each_task: false } | Kind::Average => "the parameters once more",
            Kind::Texts { .. } => "logits over the vocabulary for each masked token",
            Kind::Merge { looks_at: None, .. } => "the models",
            Kind::Merge { looks_at: Some(LooksAt::Fisher), .. } => "the models, and each once more",
            Kind::Merge { looks_at: Some(LooksAt::Grams), .. } => "the models, and each nearly twice more",
            Kind::Distillation => "none to speak of",
        }
    }

    /// How it stands to its source, where more is known than its name.
    fn standing(&self) -> Option<String> {
        match self.kind {
            Kind::Merge { standing, .. } => Some(standing.to_string()),
            Kind::Twins | Kind::SelfTraining { .. } => Some(Standing::Analogue.to_string()),
            _ => None,
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
            "standing": self.standing(),
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
        if let Some(standing) = self.standing() {
            let _ = writeln!(text, "Which is    {standing}");
        }
        let _ = writeln!(text, "Applies to  {}: {}", self.applies_to(), self.examples());
        let cost = match self.kind {
            Kind::Merge { looks_at: None, .. } => "no training".to_owned(),
            Kind::Merge { looks_at: Some(LooksAt::Fisher), .. } => {
                "no training, but a backward pass for each row and label".to_owned()
            }
            Kind::Merge { looks_at: Some(LooksAt::Grams), .. } => {
                "no training, but a forward pass over the rows".to_owned()
            }
            Kind::Distillation => {
                format!("{:.2} of a plain step, and the runs that teach", about.passes)
            }
            Kind::Twins => {
                format!("{:.2} of a plain step, and passes over the rows to write the twins", about.passes)
            }
            Kind::SelfTraining { writes: false } => {
                "as many steps again, and passes over the rows to label".to_owned()
            }
            Kind::SelfTraining { writes: true } => {
                "as many steps again, and passes over the rows to write and to label".to_owned()
            }
            _ => format!("{:.2} of a plain step", about.passes),
        };
        let _ = writeln!(text, "Costs       {cost}; memory: {}", self.memory());
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
