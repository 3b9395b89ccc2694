//! The page: one file that is mailed, printed and read without a network or a script. Everything is put into words here; the
//! template places them and escapes what came from outside.

use super::figure::{self, Figure};
use super::{Error, format, palette};
use crate::{Against, ArmFindings, Cell, Estimate, Findings, RuleRecord, SeedScore};
use minijinja::value::Serde;
use minijinja::{Environment, syntax::SyntaxConfig};
use serde::Serialize;

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
        finished: format::count(finished),
        total: format::count(total),
        unfinished: finished < total,
        any: finished > 0,
        warnings: &findings.warnings,
        rules: findings.rules.iter().filter(|record| record.of > 0).map(Rule::of).collect(),
        deciding_nothing: deciding_nothing(findings),
        against_the_rule: against_the_rule(findings),
        selected_on_dev: findings.selected_on_dev,
        chosen_for: findings
            .choices
            .first()
            .map_or(Vec::new(), |choice| choice.scores.iter().map(|(target, _)| target.as_str()).collect()),
        choices: findings.choices.iter().map(Choice::of).collect(),
        sizes: sizes.into_iter().flatten().collect(),
        maps: maps.into_iter().flatten().collect(),
        targets: targets(findings)?,
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
    finished: String,
    total: String,
    unfinished: bool,
    any: bool,
    warnings: &'a [String],
    rules: Vec<Rule<'a>>,
    deciding_nothing: Vec<&'a str>,
    against_the_rule: Vec<String>,
    selected_on_dev: bool,
    chosen_for: Vec<&'a str>,
    choices: Vec<Choice<'a>>,
    sizes: Vec<Figure>,
    maps: Vec<Figure>,
    targets: Vec<Target<'a>>,
}

/// How often a rule was right.
#[derive(Serialize)]
struct Rule<'a> {
    rule: &'a str,
    test: &'a str,
    right: String,
    share: String,
}

impl Rule<'_> {
    fn of(record: &RuleRecord) -> Rule<'_> {
        let share = record.share.as_ref().map(|share| format::interval(share, format::percent));
        Rule {
            rule: &record.rule,
            test: &record.test,
            right: format!("{} of {}", format::tick(record.right), format::count(record.of)),
            share: share.unwrap_or_else(none),
        }
    }
}

/// What a way to choose scores.
#[derive(Serialize)]
struct Choice<'a> {
    way: &'a str,
    scores: Vec<String>,
    mean: String,
    deviation: String,
}

impl Choice<'_> {
    fn of(choice: &crate::Choice) -> Choice<'_> {
        Choice {
            way: &choice.way,
            scores: choice.scores.iter().map(|(_, score)| format::score(*score)).collect(),
            mean: format::score(choice.mean),
            deviation: choice.deviation.map_or_else(none, format::score),
        }
    }
}

/// The tests by which no pair is decided.
fn deciding_nothing(findings: &Findings) -> Vec<&str> {
    let mut tests: Vec<&str> =
        findings.rules.iter().filter(|record| record.of == 0).map(|record| &*record.test).collect();
    tests.dedup();
    tests
}

/// The pairs that are decided, and not as their sizes say: MTL where the support is larger, STILTs where the target is.
fn against_the_rule(findings: &Findings) -> Vec<String> {
    let against = |cell: &&Cell| {
        let predicted = if cell.sizes.support > cell.sizes.target { "mtl" } else { "stilts" };
        cell.winner.as_deref().is_some_and(|winner| winner != predicted)
    };
    let found = findings.cells.iter().filter(against);
    found.map(|cell| format!("{} with {}", cell.target, cell.support)).collect()
}

/// What the page has on one target.
#[derive(Serialize)]
struct Target<'a> {
    name: &'a str,
    facts: String,
    verdict: Option<Verdict<'a>>,
    figures: Vec<Figure>,
    /// What it takes: of time, and of the data.
    efforts: Vec<Figure>,
    arms: Vec<Arm>,
    pairs: Vec<Pair<'a>>,
}

/// What to do about a target.
#[derive(Serialize)]
struct Verdict<'a> {
    decided: bool,
    headline: String,
    lines: &'a [String],
}

/// A row of the arms' table.
#[derive(Serialize)]
struct Arm {
    name: String,
    mean: String,
    interval: String,
    deviation: String,
    gain: String,
    gain_interval: String,
    p_value: String,
    p_holm: String,
    p_bh: String,
    sign_flip: String,
    paper_p: String,
    needed: String,
    best: String,
    cost: String,
    seeds: Vec<(String, String, bool)>,
}

/// A row of the pairs' table.
#[derive(Serialize)]
struct Pair<'a> {
    support: &'a str,
    sizes: String,
    difference: String,
    p_value: String,
    p_holm: String,
    winner: String,
    paper: String,
    over_single: String,
}

fn targets(findings: &Findings) -> Result<Vec<Target<'_>>, Error> {
    let has_arms = |name: &str| findings.arms.iter().any(|arm| arm.target == name && !arm.scores.is_empty());
    let has_verdict = |name: &str| findings.verdicts.iter().any(|verdict| verdict.target == name);
    let tasks = findings.tasks.iter().filter(|task| has_arms(&task.name) || has_verdict(&task.name));
    tasks
        .map(|task| {
            let name = &*task.name;
            let arms = findings.arms.iter().filter(|arm| arm.target == name && !arm.scores.is_empty());
            let pairs = findings.cells.iter().filter(|cell| cell.target == name);
            let verdict = findings.verdicts.iter().find(|verdict| verdict.target == name);
            Ok(Target {
                name,
                facts: format!(
                    "{} rows to train on, scored on {} rows by {}",
                    format::count(task.train_rows),
                    format::count(task.dev_rows),
                    task.metric
                ),
                verdict: verdict.map(|verdict| Verdict {
                    decided: verdict.decided,
                    headline: verdict
                        .lines
                        .first()
                        .cloned()
                        .unwrap_or_else(|| format!("Best: {}", verdict.best)),
                    lines: verdict.lines.get(1..).unwrap_or_default(),
                }),
                figures: [figure::scores(findings, name)?, figure::curves(findings, name)?]
                    .into_iter()
                    .flatten()
                    .collect(),
                efforts: [figure::costs(findings, name)?, figure::passes(findings, name)?]
                    .into_iter()
                    .flatten()
                    .collect(),
                arms: arms.map(Arm::of).collect(),
                pairs: pairs.map(Pair::of).collect(),
            })
        })
        .collect()
}

impl Arm {
    fn of(arm: &ArmFindings) -> Arm {
        let gain = arm.gain.as_ref();
        let of_gain = |show: &dyn Fn(&Against) -> Option<String>| gain.and_then(show).unwrap_or_else(none);
        let seed = |seed: &SeedScore| (seed.seed.to_string(), format::score(seed.score), seed.degenerate);
        Arm {
            name: arm.label.clone(),
            mean: arm.mean.map_or_else(none, |mean| format::score(mean.value)),
            interval: arm.mean.map_or_else(String::new, |mean| {
                format!("[{}, {}]", format::score(mean.low), format::score(mean.high))
            }),
            deviation: arm.deviation.map_or_else(none, format::score),
            gain: of_gain(&|gain| Some(format::gain(gain.difference.value))),
            gain_interval: gain.map_or_else(String::new, |gain| {
                let Estimate { low, high, .. } = gain.difference;
                format!("[{}, {}]", format::gain(low), format::gain(high))
            }),
            p_value: of_gain(&|gain| Some(format::p_value(gain.p_value))),
            p_holm: of_gain(&|gain| Some(format::p_value(gain.p_holm))),
            p_bh: of_gain(&|gain| Some(format::p_value(gain.p_bh))),
            sign_flip: of_gain(&|gain| gain.sign_flip.map(format::p_value)),
            paper_p: of_gain(&|gain| gain.paper_p.map(format::p_value)),
            needed: of_gain(&|gain| gain.seeds_needed.map(|seeds| format::count(seeds as usize))),
            best: arm.best.map_or_else(none, format::percent),
            cost: arm.cost.map_or_else(none, |cost| format::amount(cost.minutes)),
            seeds: arm.scores.iter().map(seed).collect(),
        }
    }
}

impl Pair<'_> {
    fn of(cell: &Cell) -> Pair<'_> {
        let against = &cell.mtl_minus_stilts;
        let winner = |winner: &Option<String>| match winner.as_deref() {
            Some("mtl") => "MTL".to_owned(),
            Some("stilts") => "STILTs".to_owned(),
            _ => none(),
        };
        Pair {
            support: &cell.support,
            sizes: format!("{} / {}", format::count(cell.sizes.target), format::count(cell.sizes.support)),
            difference: format::gain_interval(&against.difference),
            p_value: format::p_value(against.p_value),
            p_holm: format::p_value(against.p_holm),
            winner: winner(&cell.winner),
            paper: winner(&cell.paper_winner),
            over_single: cell
                .over_single
                .as_ref()
                .map_or_else(none, |gain| format::gain_interval(&gain.difference)),
        }
    }
}

fn none() -> String {
    format::NONE.to_owned()
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
