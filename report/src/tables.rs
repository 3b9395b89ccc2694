//! The findings as CSV, for those who go on counting. Scores are shares as in the JSON, in full precision: a table that was
//! rounded cannot be summed.

use mtlift_eval::Strategy;
use mtlift_schedule::FilterCounts;

use crate::findings::{Against, Along, ArmFindings, Cost, Dropped, Estimate, Findings, Hope, rule_name};
use crate::label::arm_of;

/// File names and CSV texts: `arms.csv`, a row for each target and arm, which its label tells from all others of the target
/// (a size curve has an arm at several ratios); `seeds.csv`, a row for each of their seeds;
/// `cells.csv`, a row for each pair of target and support; `rules.csv`; `choices.csv`, a row for each way to choose and each
/// target, and one for the mean over targets, whose target is empty; `sizes.csv`, a row for each point of a size curve;
/// `looks.csv`, a row for each look at an arm's gain; `tuned.csv`, a row for each of the settings that were tried for an arm;
/// `self_trained.csv`, a row for each seed of each arm that trains on rows which its model has labelled; `gold_probability.csv`, a row for each arm with probabilities of the right
/// label; `worst_groups.csv`, a row for each arm of a task with groups, and `groups.csv`, one for each of its groups; `gradients.csv`, a row for each task of each mixed arm, and `cosines.csv`, one for each two of them, where training recorded
/// how they went together; `ensembles.csv`, a row for what each arm's runs score together, and those of all arms, whose label is empty; `curve.csv`, a row each for the slope of the line through them, its intercept (at equal sizes) and its crossover (a
/// ratio). There is no text for a table without rows; a number that could not be had is an empty field.
pub fn tables(findings: &Findings) -> Vec<(&'static str, Option<String>)> {
    let tables = [
        ("arms.csv", arms(findings)),
        ("seeds.csv", seeds(findings)),
        ("looks.csv", looks(findings)),
        ("tuned.csv", tuned(findings)),
        ("self_trained.csv", self_trained(findings)),
        ("gold_probability.csv", gold_probability(findings)),
        ("worst_groups.csv", worst_groups(findings)),
        ("groups.csv", groups(findings)),
        ("gradients.csv", gradients(findings)),
        ("cosines.csv", cosines(findings)),
        ("ensembles.csv", ensembles(findings)),
        ("cells.csv", cells(findings)),
        ("rules.csv", rules(findings)),
        ("choices.csv", choices(findings)),
        ("sizes.csv", sizes(findings)),
        ("curve.csv", curve(findings)),
    ];
    tables.into_iter().map(|(name, rows)| (name, (rows.len() > 1).then(|| csv(&rows)))).collect()
}

type Row = Vec<String>;

const ARM: [&str; 5] = ["target", "arm", "support", "sampler", "label"];
const AGAINST: [&str; 15] = [
    "",
    "_low",
    "_high",
    "_decided",
    "_tied",
    "_p",
    "_sign_flip",
    "_p_holm",
    "_p_bh",
    "_paper_t",
    "_paper_p",
    "_seeds",
    "_seeds_needed",
    "_seeds_least",
    "_seeds_most",
];

fn arms(findings: &Findings) -> Vec<Row> {
    let mut header = texts(&ARM);
    header.extend(texts(&["seeds", "mean", "mean_low", "mean_high", "sd"]));
    header.extend(AGAINST.map(|suffix| format!("gain{suffix}")));
    header.extend(texts(&[
        "best",
        "shrunken",
        "shrunken_low",
        "shrunken_high",
        "expected_loss",
        "chance_worse",
    ]));
    header.extend(texts(&["still_improving", "minutes", "tokens", "steps"]));
    header.extend(AGAINST.map(|suffix| format!("over_single_steps{suffix}")));
    header.extend(texts(&["dropped_after", "dropped_chance", "dropped_for", "settings"]));
    let rows = findings.arms.iter().map(|arm| {
        let mut row = named(arm);
        row.push(arm.scores.len().to_string());
        row.extend(estimate(arm.mean.as_ref()));
        row.push(number(arm.deviation));
        row.extend(against(arm.gain.as_ref()));
        row.push(number(arm.best));
        let shrunken = arm.shrunken.as_ref();
        row.extend(estimate(shrunken.map(|shrunken| &shrunken.gain)));
        row.push(number(shrunken.map(|shrunken| shrunken.loss)));
        row.push(number(shrunken.map(|shrunken| shrunken.worse)));
        row.push(arm.improving.to_string());
        let cost: [fn(&Cost) -> f64; 3] = [|c| c.minutes, |c| c.tokens, |c| c.steps];
        row.extend(cost.map(|of| number(arm.cost.as_ref().map(of))));
        row.extend(against(arm.over_single_steps.as_ref()));
        row.extend(dropped(arm.dropped.as_ref()));
        row.push(arm.tuned.as_ref().and_then(|tuned| tuned.chosen.clone()).unwrap_or_default());
        row
    });
    [header].into_iter().chain(rows).collect()
}

fn seeds(findings: &Findings) -> Vec<Row> {
    let header = [texts(&ARM), texts(&["seed", "score", "degenerate"])].concat();
    let rows = findings.arms.iter().flat_map(|arm| {
        arm.scores.iter().map(|seed| {
            let scored = [seed.seed.to_string(), number(Some(seed.score)), seed.degenerate.to_string()];
            [named(arm), scored.to_vec()].concat()
        })
    });
    [header].into_iter().chain(rows).collect()
}

fn looks(findings: &Findings) -> Vec<Row> {
    let own = ["seeds", "planned", "gain", "p", "level", "decides"];
    let rows = findings.arms.iter().flat_map(|arm| {
        arm.gain.iter().flat_map(|gain| &gain.looks).map(|look| {
            let place = [look.seeds.to_string(), look.planned.to_string()];
            let tested = [look.difference, look.p_value, look.level].map(|value| number(Some(value)));
            [named(arm), place.to_vec(), tested.to_vec(), vec![look.rejects().to_string()]].concat()
        })
    });
    [[texts(&ARM), texts(&own)].concat()].into_iter().chain(rows).collect()
}

fn tuned(findings: &Findings) -> Vec<Row> {
    let rows = findings.arms.iter().flat_map(|arm| {
        arm.tuned.iter().flat_map(move |tuned| {
            tuned.tried.iter().map(move |tried| {
                let chosen = tuned.chosen.as_ref() == Some(&tried.settings);
                let of = [tried.settings.clone(), number(tried.score), chosen.to_string()];
                [named(arm), of.to_vec()].concat()
            })
        })
    });
    let header = [texts(&ARM), texts(&["settings", "held_out_score", "chosen"])].concat();
    [header].into_iter().chain(rows).collect()
}

fn self_trained(findings: &Findings) -> Vec<Row> {
    let filters = FilterCounts::default().named().map(|(filter, _)| format!("dropped_{filter}"));
    let header = [texts(&ARM), texts(&["seed", "gold", "labelled", "kept"]), filters.to_vec()].concat();
    let rows = findings.arms.iter().flat_map(|arm| {
        arm.self_trained.iter().map(move |of| {
            let counts = [of.gold, of.rows, of.kept].into_iter();
            let counts = counts.chain(of.dropped.named().map(|(_, count)| count));
            let counts: Row = counts.map(|count| count.to_string()).collect();
            [named(arm), vec![of.seed.to_string()], counts].concat()
        })
    });
    [header].into_iter().chain(rows).collect()
}

fn gold_probability(findings: &Findings) -> Vec<Row> {
    let own = AGAINST.map(|suffix| format!("minus_single{suffix}"));
    let header = [texts(&ARM), texts(&["mean", "sd"]), own.to_vec()].concat();
    let rows = findings.arms.iter().filter_map(|arm| {
        let found = arm.gold_probability.as_ref()?;
        let mean = [number(Some(found.mean)), number(found.deviation)];
        Some([named(arm), mean.to_vec(), against(found.gain.as_ref())].concat())
    });
    [header].into_iter().chain(rows).collect()
}

fn worst_groups(findings: &Findings) -> Vec<Row> {
    let own = AGAINST.map(|suffix| format!("minus_single{suffix}"));
    let names = ["average", "average_sd", "worst", "worst_sd", "worst_group"];
    let rows = findings.arms.iter().filter_map(|arm| {
        let found = arm.groups.as_ref()?;
        let means = [Some(found.average), found.average_deviation, found.worst, found.worst_deviation];
        let which = found.worst_group().map(|group| group.group.clone()).unwrap_or_default();
        Some([named(arm), means.map(number).to_vec(), vec![which], against(found.gain.as_ref())].concat())
    });
    [[texts(&ARM), texts(&names), own.to_vec()].concat()].into_iter().chain(rows).collect()
}

fn groups(findings: &Findings) -> Vec<Row> {
    let rows = findings.arms.iter().flat_map(|arm| {
        arm.groups.iter().flat_map(|found| &found.groups).map(|group| {
            let counts = [group.rows.to_string(), number(Some(group.accuracy)), group.worst_in.to_string()];
            [named(arm), vec![group.group.clone()], counts.to_vec()].concat()
        })
    });
    [[texts(&ARM), texts(&["group", "rows", "accuracy", "worst_in"])].concat()]
        .into_iter()
        .chain(rows)
        .collect()
}

fn gradients(findings: &Findings) -> Vec<Row> {
    let mean = |along: &Option<Along>| number(along.as_ref().map(|along| along.mean));
    let rows = findings.arms.iter().flat_map(|arm| {
        let tasks = arm.gradients.iter().flat_map(|gradients| &gradients.tasks);
        tasks.map(move |task| {
            let means = [&task.weight, &task.norm, &task.adversary_accuracy].map(mean);
            [named(arm), vec![task.task.clone()], means.to_vec()].concat()
        })
    });
    let header = [texts(&ARM), texts(&["task", "weight", "norm", "adversary_accuracy"])].concat();
    [header].into_iter().chain(rows).collect()
}

fn cosines(findings: &Findings) -> Vec<Row> {
    let rows = findings.arms.iter().flat_map(|arm| {
        let pairs = arm.gradients.iter().flat_map(|gradients| &gradients.pairs);
        pairs.map(|pair| {
            let numbers = [pair.cosine.mean, pair.opposed].map(|value| number(Some(value)));
            [named(arm), pair.tasks.to_vec(), numbers.to_vec()].concat()
        })
    });
    [[texts(&ARM), texts(&["task", "other", "cosine", "opposed"])].concat()].into_iter().chain(rows).collect()
}

fn ensembles(findings: &Findings) -> Vec<Row> {
    let rows = findings.ensembles.iter().map(|ensemble| {
        let label = ensemble.arm.clone().unwrap_or_default();
        vec![ensemble.target.clone(), label, ensemble.runs.to_string(), number(Some(ensemble.score))]
    });
    [texts(&["target", "label", "runs", "score"])].into_iter().chain(rows).collect()
}

fn cells(findings: &Findings) -> Vec<Row> {
    let mut header = texts(&["target", "support", "target_rows", "support_rows", "winner", "paper_winner"]);
    header.extend(AGAINST.map(|suffix| format!("mtl_minus_stilts{suffix}")));
    header.extend(AGAINST.map(|suffix| format!("better_minus_single{suffix}")));
    let rows = findings.cells.iter().map(|cell| {
        let mut row = vec![
            cell.target.clone(),
            cell.support.clone(),
            cell.sizes.target.to_string(),
            cell.sizes.support.to_string(),
            winner(cell.winner),
            winner(cell.paper_winner),
        ];
        row.extend(against(Some(&cell.mtl_minus_stilts)));
        row.extend(against(cell.over_single.as_ref()));
        row
    });
    [header].into_iter().chain(rows).collect()
}

fn rules(findings: &Findings) -> Vec<Row> {
    let header = texts(&["rule", "test", "right", "of", "share", "share_low", "share_high"]);
    let rows = findings.rules.iter().map(|record| {
        let mut row = vec![
            rule_name(record.rule).to_owned(),
            record.test.name().to_owned(),
            number(Some(record.right)),
            record.of.to_string(),
        ];
        row.extend(estimate(record.share.as_ref()));
        row
    });
    [header].into_iter().chain(rows).collect()
}

fn choices(findings: &Findings) -> Vec<Row> {
    let rows = findings.choices.iter().flat_map(|choice| {
        let row = |target: &str, score, deviation| {
            vec![choice.way.clone(), target.to_owned(), number(Some(score)), number(deviation)]
        };
        let targets = choice.scores.iter().map(move |(target, score)| row(target, *score, None));
        targets.chain([row("", choice.mean, choice.deviation)])
    });
    [texts(&["way", "target", "score", "sd"])].into_iter().chain(rows).collect()
}

fn sizes(findings: &Findings) -> Vec<Row> {
    let mut header = texts(&["ratio", "support_rows"]);
    header.extend(
        ["stilts", "mtl"].into_iter().flat_map(|arm| ["", "_low", "_high"].map(|end| format!("{arm}{end}"))),
    );
    header.extend(AGAINST.map(|suffix| format!("mtl_minus_stilts{suffix}")));
    let points = findings.size_curve.iter().flat_map(|curve| &curve.points);
    let rows = points.map(|point| {
        let mut row = vec![number(Some(point.ratio)), point.support_rows.to_string()];
        row.extend([&point.stilts, &point.mtl].into_iter().flat_map(|mean| estimate(mean.as_ref())));
        row.extend(against(point.difference.as_ref()));
        row
    });
    [header].into_iter().chain(rows).collect()
}

fn curve(findings: &Findings) -> Vec<Row> {
    let rows = findings.size_curve.iter().flat_map(|curve| {
        [
            ("slope", curve.slope, curve.slope_p),
            ("intercept", curve.intercept, curve.intercept_p),
            ("crossover", curve.crossover, None),
        ]
    });
    let rows = rows.filter_map(|(name, value, p)| {
        let ends = estimate(Some(&value?));
        Some([vec![name.to_owned()], ends.to_vec(), vec![number(p)]].concat())
    });
    [texts(&["name", "value", "low", "high", "p"])].into_iter().chain(rows).collect()
}

/// After how many seeds an arm was given up, its chance then, and of what: `best` or `worth-it`.
fn dropped(dropped: Option<&Dropped>) -> [String; 3] {
    let hope = |of: Hope| match of {
        Hope::Best => "best",
        Hope::WorthIt => "worth-it",
    };
    dropped.map_or_else(Default::default, |Dropped { seeds, chance, of }| {
        [seeds.to_string(), number(Some(*chance)), hope(*of).to_owned()]
    })
}

/// The fields of [`ARM`].
fn named(arm: &ArmFindings) -> Row {
    let sampler = arm.sampler.map(|sampler| sampler.to_string()).unwrap_or_default();
    let support = arm.support.clone().unwrap_or_default();
    vec![arm.target.clone(), arm.arm.to_string(), support, sampler, arm.label.clone()]
}

/// The arm that won.
fn winner(strategy: Option<Strategy>) -> String {
    strategy.map(|strategy| arm_of(strategy).to_string()).unwrap_or_default()
}

fn estimate(estimate: Option<&Estimate>) -> [String; 3] {
    let ends: [fn(&Estimate) -> f64; 3] = [|e| e.value, |e| e.low, |e| e.high];
    ends.map(|end| number(estimate.map(end)))
}

/// The fields of [`AGAINST`].
fn against(against: Option<&Against>) -> Row {
    let word = |of: fn(&Against) -> bool| against.map(|against| of(against).to_string()).unwrap_or_default();
    let of = |of: fn(&Against) -> Option<f64>| number(against.and_then(of));
    let count = |of: fn(&Against) -> Option<u32>| {
        against.and_then(of).map(|seeds| seeds.to_string()).unwrap_or_default()
    };
    vec![
        of(|against| Some(against.difference.value)),
        of(|against| against.difference.low),
        of(|against| against.difference.high),
        word(|against| against.decided),
        word(|against| against.tied),
        of(|against| against.p_value),
        of(|against| against.sign_flip),
        of(|against| against.p_holm),
        of(|against| against.p_bh),
        of(|against| against.paper_t),
        of(|against| against.paper_p),
        count(|against| Some(against.seeds as u32)),
        count(|against| against.seeds_needed),
        count(|against| against.seeds_least),
        count(|against| against.seeds_most),
    ]
}

fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map(|value| value.to_string()).unwrap_or_default()
}

fn texts(texts: &[&str]) -> Row {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn csv(rows: &[Row]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("memory takes every row, and rows of a table are of one length");
    }
    let bytes = writer.into_inner().expect("memory takes every row");
    String::from_utf8(bytes).expect("the fields are text")
}
