//! `mtlift advise`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_eval::{Strategy, size_rule, wilson};
use serde::Serialize;

use crate::misuse::Misuse;
use crate::options::{Home, Output};
use crate::stdout;

/// Say, from sizes alone and at once, whether to train on a support first or together with the target
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift advise --target RTE --support MNLI,MRPC,QQP

Nothing is trained. The rule is that of Weller, Seppi and Gardner (2022): train on both at once if the target has fewer rows \
than the support, else on the support first. It does not say whether either beats the target alone, or which support to \
choose: `mtlift compare` does.")]
pub(crate) struct Arguments {
    /// The task whose score matters: GLUE's, the built-in suite's (demo:sentiment), or a TOML file that describes your own
    #[arg(long, value_name = "TASK")]
    target: String,
    /// Tasks that may help
    #[arg(long, value_name = "TASK,...", value_delimiter = ',', required = true)]
    support: Vec<String>,
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    output: Output,
}

/// In how many decided cells the rule was right, and of how many; by whose count.
const RECORDS: [(usize, usize, &str); 3] = [
    (49, 53, "Weller, Seppi and Gardner (2022), DistilRoBERTa on GLUE"),
    (
        23,
        26,
        "mtlift, a 2-layer BERT on GLUE cut to 9,000 rows, mixed epochs that end when the smaller task does",
    ),
    (8, 13, "the same, mixed epochs that use the whole target; always choosing stilts is right as often"),
];

#[derive(Serialize)]
struct Advice {
    target: String,
    target_rows: usize,
    supports: Vec<Support>,
    records: Vec<Record>,
    limits: [&'static str; 5],
}

#[derive(Serialize)]
struct Support {
    task: String,
    rows: usize,
    /// Rows of the target over rows of the support.
    ratio: f64,
    rule: Strategy,
}

#[derive(Serialize)]
struct Record {
    right: usize,
    decided: usize,
    share: f64,
    interval: (f64, f64),
    source: &'static str,
}

const LIMITS: [&str; 5] = [
    "it chooses between the two strategies; it does not say whether either beats training on the target alone",
    "it does not say which support to take",
    "it was found with mixed epochs that end when the smaller task does: a target larger than its support is then used only in \
     part, which favours training on the support first",
    "three of its four wrong cells in the paper had MRPC as target; near equal sizes the two strategies were alike",
    "its record counts the cells that the paper's test decides (p < 0.1) as if they were independent; cells of one target are not",
];

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let rows = |name: &String| -> Result<(String, usize)> {
        let task = arguments.home.task(name)?;
        Ok((task.name.clone(), task.read("train")?.examples.len()))
    };
    let (target, target_rows) = rows(&arguments.target)?;
    let mut supports = Vec::new();
    for name in &arguments.support {
        let (task, rows) = rows(name)?;
        if task == target {
            return Err(Misuse(format!("{task} cannot be its own support")).into());
        }
        let ratio = target_rows as f64 / rows as f64;
        supports.push(Support { task, rows, ratio, rule: size_rule(target_rows, rows) });
    }
    let record = |(right, decided, source)| -> Result<Record> {
        let interval = wilson(right as u64, decided as u64, 0.95)?;
        Ok(Record { right, decided, share: right as f64 / decided as f64, interval, source })
    };
    let records = RECORDS.into_iter().map(record).collect::<Result<_>>()?;
    let advice = Advice { target, target_rows, supports, records, limits: LIMITS };
    if arguments.output.json {
        stdout::print_json(&advice)?;
    } else {
        stdout::print(&advice.text(&arguments.support))?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Advice {
    fn text(&self, given: &[String]) -> String {
        let mut lines = vec![format!("{} has {} training rows.", self.target, self.target_rows)];
        let width = self.supports.iter().map(|support| support.task.chars().count()).max().unwrap_or(0);
        for support in &self.supports {
            let word = match support.rule {
                Strategy::Mtl => "train on both at once (mtl)",
                Strategy::Stilts => "train on it first (stilts)",
            };
            let (task, rows) = (&support.task, support.rows);
            lines.push(format!(
                "  {task:<width$}  {rows:>7} rows, target/support {:>6.2}: {word}",
                support.ratio
            ));
        }
        lines.push("The rule's record:".to_owned());
        for Record { right, decided, share, interval: (low, high), source } in &self.records {
            lines.push(format!(
                "  - right in {right} of {decided}, {:.1} % [{:.1}, {:.1}]: {source}",
                100.0 * share,
                100.0 * low,
                100.0 * high
            ));
        }
        lines.push("Its limits:".to_owned());
        lines.extend(self.limits.iter().map(|limit| format!("  - {limit}")));
        lines.push(format!(
            "To measure it: mtlift compare --target {} --support {} --model MODEL --out STUDY",
            self.target,
            given.join(",")
        ));
        lines.join("\n")
    }
}
