//! The page: one file that is mailed, printed and read without a network or a script. Everything is put into words here; the
//! template places them and escapes what came from outside.

mod choices;
mod comparing;
mod confidence;
mod groups;
mod labelling;
mod rows;
mod rules;
mod targets;
mod tuning;

use minijinja::value::Serde;
use minijinja::{Environment, syntax::SyntaxConfig};
use serde::Serialize;

use crate::error::Error;
use crate::figure::{self, Figure};
use crate::findings::Findings;
use crate::spending_line::spending_line;
use crate::{format, palette};
use choices::Choice;
use rules::Rule;
use targets::Target;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// The findings as one self-contained HTML page: verdicts first, then figures, tables, settings and methods. A section is
/// there where its data are.
///
/// # Errors
/// If a figure cannot be drawn or the template not be filled. No findings are known that lead to either.
pub fn html(findings: &Findings) -> Result<String, Error> {
    let sizes = match &findings.size_curve {
        Some(curve) => vec![figure::size_scores(curve)?, figure::size_differences(findings, curve)?],
        None => Vec::new(),
    };
    let maps = [
        figure::mtl_or_stilts(findings)?,
        figure::better_than_single(findings)?,
        figure::target_passes(findings)?,
        figure::ratio(findings)?,
        figure::samplers(findings)?,
    ];
    let (finished, total) = findings.progress;
    let page = Page {
        style: palette::css() + STYLE,
        title: &findings.title,
        command: &findings.command,
        version: &findings.version,
        model: &findings.model,
        settings: &findings.settings,
        seeds: seeds(&findings.seeds),
        spending: findings.spending.as_ref().map(spending_line),
        looks: findings.looks.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
        finished: format::count(finished),
        total: format::count(total),
        unfinished: finished < total,
        any: finished > 0,
        warnings: &findings.warnings,
        rules: findings.rules.iter().filter(|record| record.of > 0).map(Rule::of).collect(),
        deciding_nothing: rules::deciding_nothing(findings),
        against_the_rule: rules::against_the_rule(findings),
        selected_on_dev: findings.selected_on_dev,
        chosen_for: findings
            .choices
            .first()
            .map_or(Vec::new(), |choice| choice.scores.iter().map(|(target, _)| target.as_str()).collect()),
        choices: findings.choices.iter().map(Choice::of).collect(),
        sizes: sizes.into_iter().flatten().collect(),
        maps: maps.into_iter().flatten().collect(),
        targets: targets::targets(findings)?,
    };
    let mut environment = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    environment.set_syntax(syntax.trim_blocks(true).lstrip_blocks(true).build()?);
    // The name's ending turns escaping on.
    environment.add_template("page.html", TEMPLATE)?;
    Ok(environment.get_template("page.html")?.render(Serde(page))?)
}

/// What the template reads.
#[derive(Serialize)]
struct Page<'a> {
    style: String,
    title: &'a str,
    command: &'a str,
    version: &'a str,
    model: &'a str,
    settings: &'a [(String, String)],
    seeds: String,
    looks: String,
    spending: Option<String>,
    finished: String,
    total: String,
    unfinished: bool,
    any: bool,
    warnings: &'a [String],
    rules: Vec<Rule>,
    deciding_nothing: Vec<&'static str>,
    against_the_rule: Vec<String>,
    selected_on_dev: bool,
    chosen_for: Vec<&'a str>,
    choices: Vec<Choice<'a>>,
    sizes: Vec<Figure>,
    maps: Vec<Figure>,
    targets: Vec<Target<'a>>,
}

/// `seeds 1, 2, 3`, or how many where nobody would read them all.
fn seeds(seeds: &[u64]) -> String {
    const LISTED: usize = 12;
    match seeds {
        [] => String::new(),
        few if few.len() <= LISTED => {
            format!("seeds {}", few.iter().map(u64::to_string).collect::<Vec<_>>().join(", "))
        }
        many => format!("{} seeds", many.len()),
    }
}
