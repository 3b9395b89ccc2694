//! The report's contract: the page stands alone and obeys no name that it shows, each form has what the findings have, and no
//! number that is none is printed.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

#[path = "report/sample.rs"]
mod sample;

use std::collections::{BTreeMap, BTreeSet};

use mtlift_eval::{Strategy, size_rule};
use mtlift_report::{
    Along, ArmFindings, Cell, CellTest, Compared, CurvePoint, Difference, Dropped, Findings, Hope, NextLook,
    RuleRecord, SelfTrained, SizeCurve, Tried, Tuned, html, summary, tables, terminal, tuned_line,
};
use mtlift_schedule::FilterCounts;
use proptest::prelude::*;
use serde_json::json;

fn samples() -> [(&'static str, Findings); 4] {
    [
        ("empty", sample::empty()),
        ("comparison", sample::comparison()),
        ("sweep", sample::sweep()),
        ("size curve", sample::size_curve()),
    ]
}

/// The tables that have rows.
fn written(findings: &Findings) -> BTreeMap<&'static str, String> {
    tables(findings).into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
}

/// The tags of a page in order, attributes left out: `table`, `/table`. Panics where quotes or tags are not closed in order.
fn tags(page: &str) -> Vec<String> {
    const VOID: [&str; 10] =
        ["!doctype", "meta", "circle", "line", "polygon", "polyline", "rect", "br", "path", "wbr"];
    let (mut tags, mut open) = (Vec::new(), Vec::new());
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let mut quoted = false;
        let end = rest.find(|c| {
            quoted ^= c == '"';
            assert!(quoted || c != '<', "a tag within a tag: {}", &rest[..80.min(rest.len())]);
            c == '>' && !quoted
        });
        let tag = &rest[..end.expect("a tag ends")];
        rest = &rest[tag.len() + 1..];
        let name = tag.split([' ', '\n']).next().unwrap().trim_end_matches('/').to_owned();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
        } else if !VOID.contains(&&*name) {
            open.push(name.clone());
        }
        tags.push(name);
    }
    assert_eq!(open, Vec::<String>::new());
    tags
}

/// What a page shows, without its head.
fn body(page: &str) -> &str {
    page.split_once("<body>").unwrap().1
}

/// How often each attribute `name="value"` occurs in elements `tag`.
fn attributes<'a>(page: &'a str, tag: &str, name: &str) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for element in page.split(&format!("<{tag} ")).skip(1) {
        let element = element.split('>').next().unwrap();
        if let Some((_, value)) = element.split_once(&format!("{name}=\"")) {
            *counts.entry(value.split('"').next().unwrap()).or_default() += 1;
        }
    }
    counts
}

#[test]
fn a_page_is_whole_and_asks_for_nothing() {
    for (name, findings) in samples() {
        let page = html(&findings).unwrap();
        let tags = tags(&page);
        for element in ["html", "head", "body", "main", "h1"] {
            assert_eq!(tags.iter().filter(|tag| *tag == element).count(), 1, "{name}: {element}");
        }
        for element in ["script", "link", "img", "iframe", "image", "use"] {
            assert!(!tags.contains(&element.to_owned()), "{name}: {element}");
        }
        for outside in ["http:", "https:", "url(", "@import", " src="] {
            assert!(!page.contains(outside), "{name}: {outside}");
        }
    }
}

#[test]
fn a_section_is_there_where_its_data_are() {
    let sections = [
        ("No run is finished yet", [true, false, false, false]),
        ("What the size rule would have said", [false, false, true, false]),
        ("Scores of the ways to choose an arm", [false, false, true, false]),
        ("Before you believe it", [true, true, true, true]),
        ("aria-label=\"Contents\"", [false, false, true, false]),
        ("STILTs and MTL as the support is cut", [false, false, false, true]),
        ("MTL minus STILTs as the support is cut", [false, false, false, true]),
        ("MTL minus STILTs for every pair of tasks", [false, false, true, false]),
        ("minus single for every pair of tasks", [false, false, true, false]),
        ("against the ratio of sizes", [false, false, true, false]),
        ("MTL-ALL by sampler", [false, false, true, false]),
        ("Scores of every arm on RTE", [false, true, true, false]),
        ("Learning curves on RTE", [false, true, true, false]),
        ("Minutes per seed on RTE", [false, true, true, false]),
        ("STILTs or MTL, support by support", [false, true, true, false]),
        ("Passes over each task in an epoch on RTE", [false, true, true, false]),
        ("Another question: how sure of the right label?", [false, true, false, false]),
        ("Ensembles: what these runs come to together", [false, true, false, false]),
        ("Passes over the target in an epoch of MTL", [false, false, true, false]),
        ("<h2>Settings</h2>", [true, true, true, true]),
        ("<h2>How these numbers are made</h2>", [true, true, true, true]),
    ];
    let pages = samples().map(|(_, findings)| html(&findings).unwrap());
    for (section, expected) in sections {
        assert_eq!(pages.each_ref().map(|page| page.contains(section)), expected, "{section}");
    }
}

#[test]
fn verdicts_come_first_and_a_link_leads_to_every_target() {
    let page = html(&sample::comparison()).unwrap();
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    let order = [
        "<h1>RTE with MNLI, QNLI</h1>",
        "<p class=\"headline\">Use STILTs from MNLI: train on MNLI first, then on RTE.</p>",
        "<p>By size alone the choice would have been MTL with MNLI; the two are not told apart here.</p>",
        "<li>single, seed 544460: degenerate (one class predicted)</li>",
        "Scores of every arm",
        "<h4>Arms</h4>",
        "mtlift compare --target RTE",
    ];
    assert!(order.map(place).is_sorted());

    let page = html(&sample::sweep()).unwrap();
    let links = attributes(&page, "a", "href");
    assert_eq!(links.len(), 9 + ["maps", "settings", "methods"].len());
    for link in links.keys() {
        assert_eq!(page.matches(&format!("id=\"{}\"", &link[1..])).count(), 1, "{link}");
    }
}

#[test]
fn numbers_are_in_points_with_a_true_minus() {
    let page = html(&sample::comparison()).unwrap();
    for shown in [
        "<b>74.1</b> ± 0.9 <small>[72.7, 75.5]</small>",
        "<b>+7.9</b> <small>[+4.3, +11.5]</small>",
        "−2.3 [−5.4, +0.8]",
        "2,490 &#x2f; 392,702",
        "544460: 52.7 (degenerate)",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    let page = html(&sample::sweep()).unwrap();
    for shown in ["38 of 45", "33.5 of 45", "84 % [76 %, 92 %]", "−0.64 [−0.75, −0.53]", "p &lt; 0.001"]
    {
        assert!(page.contains(shown), "{shown}");
    }
}

#[test]
fn arms_are_drawn_best_first_with_a_hollow_dot_for_each_degenerate_seed() {
    let page = html(&sample::comparison()).unwrap();
    let plot = page.split("</svg>").next().unwrap();
    let names =
        ["stilts from MNLI\n", "mtl-then-target with MNLI\n", "mtl with MNLI\n", "mtl-all\n", "single\n"];
    let places = names.map(|name| plot.rfind(name).unwrap_or_else(|| panic!("{name}")));
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(attributes(plot, "circle", "fill")["none"], 1);
}

#[test]
fn arms_that_were_looked_at_once_have_no_learning_curve() {
    let mut findings = sample::comparison();
    for arm in &mut findings.arms {
        arm.curve.truncate(1);
    }
    assert!(!html(&findings).unwrap().contains("Learning curves"));
}

#[test]
fn where_less_is_better_the_best_is_the_least() {
    let mut findings = sample::comparison();
    findings.tasks.iter_mut().for_each(|task| task.higher_is_better = false);
    let page = html(&findings).unwrap();
    let plot = page.split("</svg>").next().unwrap();
    let places = ["single\n", "stilts from MNLI\n"].map(|name| plot.rfind(name).unwrap());
    assert!(places.is_sorted(), "the least error first");

    // What gains in score gains nothing where it is an error.
    let shown = |findings: &Findings| {
        let page = html(findings).unwrap();
        let map = page
            .split("minus single for every pair of tasks")
            .nth(2)
            .unwrap()
            .split("</svg>")
            .next()
            .unwrap();
        let rectangles = attributes(map, "rect", "fill");
        ["better-cell", "worse-cell"].map(|name| {
            let variable = page.split_once(&format!("--{name}:")).unwrap().1;
            rectangles.get(&variable[..7]).copied().unwrap_or(0)
        })
    };
    let mut findings = sample::sweep();
    let [better, worse] = shown(&findings);
    assert!(better != worse);
    findings.tasks.iter_mut().for_each(|task| task.higher_is_better = false);
    assert_eq!(shown(&findings), [worse, better]);
}

#[test]
fn passes_are_drawn_for_the_arms_that_mix() {
    let page = html(&sample::comparison()).unwrap();
    let plot = page.rsplit("Passes over each task in an epoch on RTE").next().unwrap();
    let plot = plot.split("</svg>").next().unwrap();
    // mtl and mtl-then-target mix two tasks; single and stilts train on one at a time.
    assert_eq!(attributes(plot, "rect", "fill").values().sum::<usize>(), 4);
    assert_eq!((plot.matches("\n1.00\n").count(), plot.matches("\n0.01\n").count()), (2, 2), "{plot}");
}

#[test]
fn a_cell_of_the_map_has_the_colour_of_its_winner() {
    let findings = sample::sweep();
    let page = html(&findings).unwrap();
    let map = page.split("</svg>").next().unwrap();
    let rectangles = attributes(map, "rect", "fill");
    let colour = |name: &str| {
        let variable = page.split_once(&format!("--{name}:")).unwrap().1;
        rectangles.get(&variable[..7]).copied().unwrap_or(0)
    };
    let won = |winner| findings.cells.iter().filter(|cell| cell.winner == winner).count();
    assert_eq!(colour("mtl-cell"), won(Some(Strategy::Mtl)));
    assert_eq!(colour("stilts-cell"), won(Some(Strategy::Stilts)));
    assert_eq!(colour("undecided-cell"), won(None));
    assert_eq!(rectangles.values().sum::<usize>(), 72);
}

#[test]
fn every_colour_of_a_plot_is_one_that_the_dark_page_swaps() {
    for (name, findings) in samples() {
        let page = html(&findings).unwrap();
        for kind in ["fill", "stroke"] {
            let attribute = format!(" {kind}=\"");
            let colours = body(&page).split(&attribute).skip(1);
            let colours: BTreeSet<&str> = colours.map(|rest| rest.split('"').next().unwrap()).collect();
            for colour in colours.into_iter().filter(|colour| *colour != "none") {
                assert!(
                    page.contains(&format!("svg [{kind}=\"{colour}\"]{{{kind}:var(--")),
                    "{name}: {colour}"
                );
            }
        }
    }
}

#[test]
fn tests_that_decide_nothing_are_named_in_place_of_their_rules() {
    let mut findings = sample::sweep();
    let rows =
        |findings: &Findings| body(&html(findings).unwrap()).matches("<th scope=\"row\">always MTL").count();
    assert_eq!(rows(&findings), 4);
    for record in findings.rules.iter_mut().filter(|record| record.test != CellTest::Paper) {
        (record.right, record.of, record.share) = (0.0, 0, None);
    }
    assert_eq!(rows(&findings), 1);
    let page = html(&findings).unwrap();
    let named = "No pair is decided by: mixed model; mixed model, BH; mixed model, BH, sizes unlike.";
    assert!(page.contains(named));
}

#[test]
fn pairs_decided_against_the_rule_are_named() {
    let mut findings = sample::sweep();
    let by_size = |cell: &Cell| size_rule(cell.sizes.target, cell.sizes.support);
    for cell in &mut findings.cells {
        cell.winner = Some(by_size(cell));
    }
    assert!(!html(&findings).unwrap().contains("Decided against the rule"));

    let cell =
        findings.cells.iter_mut().find(|cell| (&*cell.target, &*cell.support) == ("RTE", "MNLI")).unwrap();
    cell.winner = Some(Strategy::Stilts);
    let page = html(&findings).unwrap();
    assert!(page.contains("<p>Decided against the rule: RTE with MNLI.</p>"));
}

/// The findings with another name in the place of RTE, and as title, command, setting and warning.
fn renamed(mut findings: Findings, name: &str) -> Findings {
    let new = |old: &mut String| {
        if old == "RTE" {
            name.clone_into(old);
        }
    };
    findings.tasks.iter_mut().for_each(|task| new(&mut task.name));
    for arm in &mut findings.arms {
        new(&mut arm.target);
        arm.support.iter_mut().for_each(new);
        arm.passes.iter_mut().for_each(|(task, _)| new(task));
    }
    for verdict in &mut findings.verdicts {
        new(&mut verdict.target);
        verdict.lines.push(name.to_owned());
    }
    for cell in &mut findings.cells {
        new(&mut cell.target);
        new(&mut cell.support);
    }
    findings
        .regression
        .iter_mut()
        .flat_map(|regression| &mut regression.points)
        .for_each(|point| new(&mut point.0));
    for text in [&mut findings.title, &mut findings.command, &mut findings.model, &mut findings.version] {
        name.clone_into(text);
    }
    findings.settings.push((name.to_owned(), name.to_owned()));
    findings.warnings.push(name.to_owned());
    findings
}

#[test]
fn a_hostile_name_is_shown_and_not_obeyed() {
    const HOSTILE: &str = "<script>alert('1')</script>";
    let page = html(&renamed(sample::sweep(), HOSTILE)).unwrap();
    tags(&page);
    assert!(!page.contains("<script"));
    assert!(page.contains("<h1>&lt;script&gt;alert(&#x27;1&#x27;)&lt;&#x2f;script&gt;</h1>"));
    assert!(page.contains("&lt;script&gt;alert(&apos;…"), "the map's row");

    let text = terminal(&renamed(sample::comparison(), "a\u{1b}[31m\u{7}\nb"), 80);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    assert!(text.contains("a\u{FFFD}[31m\u{FFFD}"));
}

#[test]
fn the_run_to_use_and_its_command_stand_whole_in_both_forms() {
    let findings = sample::comparison();
    let run = findings.verdicts[0].run.clone().unwrap();
    let command = run.predict.unwrap();
    let text = terminal(&findings, 40);
    assert!(text.contains(&format!("\n    {}\n    {command}\n", run.directory)), "{text}");
    let page = html(&findings).unwrap();
    let escape = |text: &str| text.replace('/', "&#x2f;");
    let lines = format!("{}\n{command}", run.directory);
    assert!(page.contains(&escape(&lines)), "{page}");
    // A study of before there was such a run is read, and says nothing of one.
    let mut old = serde_json::to_value(&findings).unwrap();
    old["verdicts"][0].as_object_mut().unwrap().remove("run");
    let old: Findings = serde_json::from_value(old).unwrap();
    assert!(!terminal(&old, 100).contains("mtlift predict"));
}

#[test]
fn an_undecided_target_says_which_look_comes_next_and_by_which_command() {
    let mut findings = sample::comparison();
    let command = "mtlift compare --target RTE --support MNLI --seeds 10 --resume".to_owned();
    let note = "The next look is at 10 seeds:".to_owned();
    findings.verdicts[0].next = Some(NextLook { seeds: 10, note, command: Some(command.clone()) });
    let text = terminal(&findings, 40);
    assert!(text.contains(&format!("  The next look is at 10 seeds:\n    {command}\n")), "{text}");
    let page = html(&findings).unwrap();
    assert!(
        page.contains(&format!("<p>The next look is at 10 seeds:</p>\n<pre><code>{command}</code></pre>"))
    );
    assert!(page.contains("<dt>planned looks</dt><dd>at 3, 5, 10, 20 seeds</dd>"));
    let printed = serde_json::to_value(summary(&findings, "study")).unwrap();
    assert_eq!(printed["looks"], json!([3, 5, 10, 20]));
    assert_eq!(
        (&printed["arms"][1]["look"], &printed["arms"][1]["looks"][0]["level"]),
        (&json!(1), &json!(0.012))
    );
    assert_eq!(printed["recommendation"]["next_look"], json!(10));
    assert_eq!(printed["recommendation"]["next_command"], json!(command));
}

#[test]
fn marks_say_their_values_under_the_pointer() {
    let page = html(&sample::comparison()).unwrap();
    let says = |text: &str| page.contains(&format!("<title>{text}</title>"));
    assert!(says("stilts from MNLI: 74.1 [72.7, 75.5]"));
    assert!(says("single, seed 544460: 52.7"));
    assert!(page.contains("<title>stilts from MNLI, epoch 1: "));
    assert!(html(&sample::sweep()).unwrap().contains("<title>RTE with MNLI: "));
}

#[test]
fn an_undecided_target_of_many_takes_one_line() {
    let findings = sample::sweep();
    let page = html(&findings).unwrap();
    let verdicts =
        page.split("<section id=\"verdicts\">").nth(1).unwrap().split("</section>").next().unwrap();
    let undecided = findings.verdicts.iter().filter(|verdict| !verdict.decided).count();
    assert!(undecided > 0);
    assert_eq!(verdicts.matches("not decided; if you must choose, stilts from MNLI</li>").count(), undecided);
    assert_eq!(verdicts.matches("<article").count(), findings.verdicts.len() - undecided);
}

/// P(best) 97 %, p 0.041 and an interval stood beside "one seed says nothing".
#[test]
fn one_seed_shows_no_interval_and_no_p() {
    let mut findings = sample::comparison();
    for arm in &mut findings.arms {
        arm.scores.truncate(1);
        (arm.deviation, arm.best, arm.shrunken, arm.groups) = (None, None, None, None);
        if let Some(gain) = &mut arm.gain {
            gain.difference = Difference::new(gain.difference.value, None);
            (gain.p_value, gain.p_holm, gain.p_bh, gain.decided) = (None, None, None, false);
            (gain.seeds, gain.seeds_least, gain.seeds_most) = (1, None, None);
            gain.looks.clear();
        }
    }
    let text = terminal(&findings, 100);
    let row = text.lines().find(|line| line.starts_with("stilts from MNLI ")).unwrap();
    let fields: Vec<&str> = row.split_whitespace().skip(3).collect();
    assert_eq!(fields, ["74.1", "±", "–", "+7.9", "–", "–", "–", "13"]);
    let page = html(&findings).unwrap();
    let row = page.split("<th scope=\"row\">stilts from MNLI").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(row.contains("<b>74.1</b> ± – <small></small>"), "{row}");
    assert!(
        row.contains("<b>+7.9</b> <small></small></td><td data-label=\"look\">no look yet</td>"),
        "{row}"
    );
    let printed = serde_json::to_value(summary(&findings, "study")).unwrap();
    let arm = &printed["arms"][1];
    for key in ["interval", "p", "p_corrected", "mean_interval", "probability_best"] {
        assert!(arm[key].is_null(), "{key}: {arm}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_name_changes_what_a_page_is_made_of(name in "\\PC{1,40}|[<>&\"'/=\\- a-z\\x00-\\x1f]{1,40}") {
        let harmless = "x".repeat(name.chars().count());
        let page = |name: &str| tags(&html(&renamed(sample::comparison(), name)).unwrap());
        prop_assert_eq!(page(&name), page(&harmless));
    }

    #[test]
    fn a_terminal_gets_no_line_that_is_too_long(width in 40usize..140, name in "\\PC{1,60}") {
        for (_, findings) in samples() {
            let text = terminal(&renamed(findings, &name), width);
            prop_assert!(text.ends_with('\n'));
            // What is there to be copied stays whole.
            for line in text.lines().filter(|line| !line.starts_with("    ")) {
                prop_assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }
}

/// A second outcome is never taken for the score: it stands in a section and a table of its own, and in no verdict.
#[test]
fn the_probability_of_the_right_label_stands_apart() {
    let mut findings = sample::comparison();
    let with = html(&findings).unwrap();
    findings.arms.iter_mut().for_each(|arm| arm.gold_probability = None);
    let without = html(&findings).unwrap();
    let (from, to) =
        ("<details>\n<summary>Another question: how sure of the right label?</summary>", "</details>\n");
    let (before, section) = with.split_once(from).unwrap();
    let (section, after) = section.split_once(to).unwrap();
    assert_eq!(without, format!("{before}{after}"));
    assert!(section.contains("This is not the score, and no verdict reads it."), "{section}");
    assert!(section.contains("<b>53.0</b> ± 0.4") && section.contains("+6.3 [+5.6, +7.0]"), "{section}");
    assert_eq!(terminal(&findings, 100), terminal(&sample::comparison(), 100));
}

/// The worst group stands beside the average, with the group that it is.
#[test]
fn groups_have_a_table_and_a_column() {
    let mut findings = sample::comparison();
    let page = html(&findings).unwrap();
    assert!(page.contains("<h4>Groups of rows</h4>"));
    assert!(page.contains("entailment&#x2f;with 56.1 (41 rows, the worst of 2 seeds)"), "stilts");
    assert!(page.contains("<b>54.1</b> ± 3.1"), "stilts");
    assert!(terminal(&findings, 100).contains("average ± sd  worst group ± sd"));
    // Judged by the worst group an arm's mean is that group's, and the average was nowhere.
    let average = findings.arms[0].groups.as_ref().map(|groups| format!("{:.1} ± ", 100.0 * groups.average));
    findings.arms[0].mean.as_mut().unwrap().value = 0.123;
    assert!(terminal(&findings, 100).contains(&average.unwrap()));
    assert!(!terminal(&findings, 100).contains("12.3 ±"));
    findings.arms.iter_mut().for_each(|arm| arm.groups = None);
    assert!(!html(&findings).unwrap().contains("Groups of rows"));
    assert!(!terminal(&findings, 100).contains("worst group"));
    assert!(
        !written(&findings).contains_key("groups.csv")
            && !written(&findings).contains_key("worst_groups.csv")
    );
}

/// A figure each for weights, norms and cosines of the arm that recorded them; without a record there is no section.
#[test]
fn how_tasks_went_together_is_drawn_where_it_was_recorded() {
    let mut findings = sample::comparison();
    let section = |findings: &Findings| {
        let page = html(findings).unwrap();
        let (_, rest) =
            page.split_once("<summary>How the tasks went together: weights and conflict</summary>")?;
        Some(rest.split_once("</details>").unwrap().0.to_owned())
    };
    let found = section(&findings).unwrap();
    let titles: Vec<&str> =
        found.split("<h4>").skip(1).map(|rest| rest.split_once("</h4>").unwrap().0).collect();
    assert_eq!(
        titles,
        [
            "mtl with MNLI on RTE: weights of the tasks",
            "mtl with MNLI on RTE: norms of the tasks’ gradients",
            "mtl with MNLI on RTE: cosines of the tasks’ gradients",
        ]
    );
    assert!(found.contains("RTE and MNLI, on average −0.05, below 0 in 62 % of steps"), "{found}");
    assert!(found.contains("<title>RTE, epoch 0.25: "), "{found}");
    let colours = |figure: &str| figure.matches("<i class=\"line\"").count();
    assert_eq!(found.split("<figure>").skip(1).map(colours).collect::<Vec<_>>(), [2, 2, 1]);

    // Nine tasks have more pairs than can be told apart: the most opposed are drawn.
    let gradients = findings.arms[2].gradients.as_mut().unwrap();
    let pair = gradients.pairs[0].clone();
    for other in 0..8 {
        let mut pair = pair.clone();
        pair.tasks[1] = format!("task{other}");
        pair.cosine.mean = 0.1 * f64::from(other);
        gradients.pairs.push(pair);
    }
    let many = section(&findings).unwrap();
    assert!(many.contains("Of 9 pairs these have the least mean; "), "{many}");
    assert!(many.contains("RTE and task4,") && !many.contains("RTE and task5,"), "{many}");

    // Weights that never move are no course.
    let gradients = findings.arms[2].gradients.as_mut().unwrap();
    for weight in gradients.tasks.iter_mut().filter_map(|task| task.weight.as_mut()) {
        weight.points.iter_mut().for_each(|point| point.mean = weight.mean);
    }
    assert!(!section(&findings).unwrap().contains("weights of the tasks</h4>"));
    findings.arms[2].gradients = None;
    assert_eq!(section(&findings), None);
}

/// Beside what whoever cannot tell the tasks apart comes to.
#[test]
fn what_an_adversary_told_is_drawn() {
    let mut findings = sample::comparison();
    let title = "mtl with MNLI on RTE: tasks told by the adversary</h4>";
    assert!(!html(&findings).unwrap().contains(title));
    for (task, mean) in findings.arms[2].gradients.as_mut().unwrap().tasks.iter_mut().zip([0.3, 0.8]) {
        let weight = task.weight.clone().unwrap();
        let points = weight.points.iter().map(|&point| CurvePoint {
            mean,
            low: mean - 0.1,
            high: mean + 0.1,
            ..point
        });
        task.adversary_accuracy = Some(Along { mean, points: points.collect() });
    }
    let page = html(&findings).unwrap();
    let (_, figure) = page.split_once(title).unwrap();
    let (figure, _) = figure.split_once("</figure>").unwrap();
    assert!(figure.contains("in 50 % of rows on average over the tasks, the dashed line,"), "{figure}");
    assert!(figure.contains("Here that average is 55 %."), "{figure}");
    assert!(figure.contains("<title>MNLI, epoch 0.25: 0.800"), "{figure}");
    let tables = written(&findings);
    let rows: Vec<&str> = tables["gradients.csv"].lines().collect();
    assert!(rows[0].ends_with(",norm,adversary_accuracy") && rows[1].ends_with(",0.7,0.3"), "{rows:?}");
}

/// What is scored beside dev is said wherever scores are.
/// What was tried stands on the page and in tables, with what was chosen; so does why an arm was given up.
#[test]
fn tried_settings_and_dropped_arms_are_told() {
    let mut findings = sample::comparison();
    assert!(!html(&findings).unwrap().contains("score on held-out rows"));
    let tried = |settings: &str, score| Tried { settings: settings.to_owned(), score: Some(score) };
    let tried = vec![tried("lr=5e-5", 0.61), tried("lr=3e-4", 0.642)];
    let chosen = Some("lr=3e-4".to_owned());
    findings.arms[0].tuned = Some(Tuned { chosen, seeds: 2, tried, minutes: 1.5 });
    findings.arms[1].dropped = Some(Dropped { seeds: 5, chance: 0.012, of: Hope::WorthIt });
    let page = html(&findings).unwrap();
    assert!(page.contains("<b>lr=3e-4</b>") && page.contains("<span>lr=5e-5: 61.0</span>"), "{page}");
    let tables = written(&findings);
    let rows: Vec<&str> = tables["tuned.csv"].lines().skip(1).collect();
    assert!(rows[0].ends_with(",lr=5e-5,0.61,false") && rows[1].ends_with(",lr=3e-4,0.642,true"), "{rows:?}");
    assert_eq!(rows.len(), 2);
    let arms: Vec<&str> = tables["arms.csv"].lines().collect();
    assert!(arms[0].ends_with(",dropped_after,dropped_chance,dropped_for,settings"), "{}", arms[0]);
    assert!(arms[1].ends_with(",,,,lr=3e-4") && arms[2].ends_with(",5,0.012,worth-it,"), "{arms:?}");
    let arms: Vec<&ArmFindings> = findings.arms.iter().collect();
    assert_eq!(
        tuned_line(&arms).unwrap(),
        format!(
            "Settings by --tune, the best of 2 on held-out rows under 2 other seeds: {} lr=3e-4.",
            arms[0].label
        )
    );
    assert_eq!(tuned_line(&arms[1..]), None);
}

#[test]
fn what_filters_dropped_is_told() {
    let mut findings = sample::comparison();
    assert!(!written(&findings).contains_key("self_trained.csv"));
    let dropped = FilterCounts {
        length: 40,
        gold: 1,
        repeated: 2,
        origin: 3,
        confidence: 700,
        agreement: 30,
        balance: 27,
    };
    let of = |seed, kept| SelfTrained { seed, gold: 90, rows: 2400, dropped, kept };
    findings.arms[1].self_trained = vec![of(1, 1600), of(2, 1601)];
    let page = html(&findings).unwrap();
    assert!(page.contains("<b>1,601</b>") && page.contains("<span>confidence: 700</span>"), "{page}");
    let tables = written(&findings);
    let rows: Vec<&str> = tables["self_trained.csv"].lines().collect();
    assert!(rows[0].ends_with(
        ",seed,gold,labelled,kept,dropped_length,dropped_gold,dropped_repeated,dropped_origin,dropped_confidence,dropped_agreement,dropped_balance"
    ), "{}", rows[0]);
    assert!(rows[1].ends_with(",1,90,2400,1600,40,1,2,3,700,30,27"), "{}", rows[1]);
    assert_eq!(rows.len(), 3);
}

#[test]
fn what_is_compared_with_twins_is_told() {
    let mut findings = sample::comparison();
    assert!(!html(&findings).unwrap().contains("An analogue of UDA"));
    let of = |seed, rows| Compared { seed, of_gold: false, rows, twins: 1920 };
    findings.arms[1].compared = vec![of(1, 2400), of(2, 2401)];
    findings.arms[2].compared = vec![Compared { of_gold: true, ..of(1, 90) }];
    let page = html(&findings).unwrap();
    assert!(page.contains("An analogue of UDA"), "{page}");
    for cell in
        ["without labels</td>", "those to train on: there are no others</td>", ">2,401</td>", "<b>1,920</b>"]
    {
        assert!(page.contains(cell), "{cell}: {page}");
    }
}

#[test]
fn rows_beside_dev_are_named() {
    let mut findings = sample::comparison();
    for task in findings.tasks.iter_mut().filter(|task| task.name == "RTE") {
        (task.train_rows, task.score_rows) = (400, 1831);
    }
    let said = "277 dev rows and 1,831 unused training rows";
    assert!(
        html(&findings).unwrap().contains(&format!("400 rows to train on, scored on {said} by accuracy"))
    );
    assert!(terminal(&findings, 100).contains(&format!("RTE is scored on {said}.")));
}

/// The findings with every number that is not a count replaced.
fn spoilt(mut findings: Findings, bad: f64) -> Findings {
    let estimate = sample::estimate(bad, bad);
    let against = sample::against(bad, bad);
    for arm in &mut findings.arms {
        arm.scores.iter_mut().for_each(|seed| seed.score = bad);
        arm.mean = arm.mean.and(Some(estimate));
        arm.deviation = Some(bad);
        arm.gain = arm.gain.as_ref().map(|_| against.clone());
        let looks = arm.gain.iter_mut().flat_map(|gain| &mut gain.looks);
        looks.for_each(|look| (look.difference, look.p_value, look.level) = (bad, bad, bad));
        if let Some(found) = &mut arm.gold_probability {
            (found.mean, found.deviation) = (bad, Some(bad));
            found.gain = found.gain.as_ref().map(|_| against.clone());
        }
        if let Some(found) = &mut arm.groups {
            (found.average, found.worst, found.worst_deviation) = (bad, Some(bad), Some(bad));
            found.gain = found.gain.as_ref().map(|_| against.clone());
            found.groups.iter_mut().for_each(|group| group.accuracy = bad);
        }
        for task in arm.gradients.iter_mut().flat_map(|of| &mut of.tasks) {
            task.adversary_accuracy = task.norm.clone();
            for along in
                [&mut task.weight, &mut task.norm, &mut task.adversary_accuracy].into_iter().flatten()
            {
                along.mean = bad;
                along.points.iter_mut().step_by(2).for_each(|point| (point.mean, point.high) = (bad, bad));
            }
        }
        for pair in arm.gradients.iter_mut().flat_map(|of| &mut of.pairs) {
            (pair.cosine.mean, pair.opposed) = (bad, bad);
        }
        arm.best = Some(bad);
        arm.cost.iter_mut().for_each(|cost| (cost.minutes, cost.tokens, cost.steps) = (bad, bad, bad));
        arm.passes.iter_mut().for_each(|(_, passes)| *passes = bad);
        arm.curve.iter_mut().for_each(|point| (point.mean, point.low, point.high) = (bad, bad, bad));
    }
    for cell in &mut findings.cells {
        cell.mtl_minus_stilts = against.clone();
        cell.over_single = Some(against.clone());
    }
    for choice in &mut findings.choices {
        choice.scores.iter_mut().for_each(|(_, score)| *score = bad);
        (choice.mean, choice.deviation) = (bad, Some(bad));
    }
    for record in &mut findings.rules {
        (record.right, record.share) = (bad, Some(estimate));
    }
    if let Some(regression) = &mut findings.regression {
        (regression.slope, regression.intercept, regression.r, regression.p_value) =
            (estimate, bad, bad, bad);
        regression.points.iter_mut().step_by(2).for_each(|point| point.3 = bad);
    }
    if let Some(curve) = &mut findings.size_curve {
        (curve.slope, curve.intercept, curve.crossover) = (Some(estimate), Some(estimate), Some(estimate));
        (curve.slope_p, curve.intercept_p) = (Some(bad), Some(bad));
        for point in curve.points.iter_mut().step_by(2) {
            point.difference = Some(against.clone());
            (point.stilts, point.mtl) = (Some(estimate), Some(estimate));
            point.seeds.iter_mut().for_each(|(_, difference)| *difference = bad);
        }
    }
    findings
}

#[test]
fn a_number_that_is_none_is_never_printed() {
    for (name, findings) in samples() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let findings = spoilt(findings.clone(), bad);
            let page = html(&findings).unwrap();
            tags(&page);
            for figure in [
                "Scores of every arm",
                "Learning curves",
                "Minutes per seed",
                "Passes over",
                "for every pair of tasks",
            ] {
                assert!(!page.contains(figure), "{name}, {bad}: {figure}");
            }
            let tables = written(&findings).into_values();
            for text in tables.chain([body(&page).to_owned(), terminal(&findings, 100)]) {
                let found = text
                    .split(|c: char| !c.is_alphanumeric())
                    .find(|word| ["NaN", "inf", "Infinity"].contains(word));
                assert_eq!(found, None, "{name}, {bad}");
                assert!(!text.contains("2147483"), "{name}, {bad}: a place that no canvas has");
            }
        }
    }
}

/// Once more than a canvas can count, and a mean far from its interval: plotters adds in whole numbers.
#[test]
fn numbers_without_measure_are_drawn_at_the_edge() {
    for (name, findings) in samples() {
        for bad in [1e300, -1e300, f64::MAX, 7.9e7, 1e-300, -0.0] {
            let mut findings = spoilt(findings.clone(), bad);
            for arm in &mut findings.arms {
                arm.mean.iter_mut().for_each(|mean| (mean.low, mean.high) = (7.0, 0.9));
                arm.curve.iter_mut().for_each(|point| (point.epoch, point.low) = (bad.abs(), -bad));
            }
            findings.regression.iter_mut().flat_map(|line| &mut line.points).for_each(|point| point.2 = -bad);
            let page = html(&findings).unwrap();
            tags(&page);
            assert!(!page.contains("2147483"), "{name}, {bad}: a place that no canvas has");
        }
    }
}

#[test]
fn a_pair_without_a_t_score_has_no_mark() {
    let marks = |findings: &Findings| {
        let page = html(findings).unwrap();
        let plot = page.rsplit("against the ratio of sizes").next().unwrap().split("</svg>").next().unwrap();
        attributes(plot, "circle", "r").values().sum::<usize>()
    };
    assert_eq!(marks(&sample::sweep()), 72);
    assert_eq!(marks(&spoilt(sample::sweep(), f64::NAN)), 36);
}

#[test]
fn tables_read_back_as_the_findings() {
    let findings = sample::sweep();
    let tables = written(&findings);
    assert_eq!(
        tables.keys().copied().collect::<Vec<_>>(),
        ["arms.csv", "cells.csv", "choices.csv", "looks.csv", "rules.csv", "seeds.csv"]
    );
    let read = |tables: &BTreeMap<&str, String>, name: &str| -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_reader(tables[name].as_bytes()).deserialize().map(Result::unwrap).collect()
    };
    let number = |row: &BTreeMap<String, String>, name: &str| row[name].parse::<f64>().ok();

    let arms = read(&tables, "arms.csv");
    assert_eq!(arms.len(), findings.arms.len());
    for (row, arm) in arms.iter().zip(&findings.arms) {
        assert_eq!((&*row["target"], &*row["arm"]), (&*arm.target, &*arm.arm.to_string()));
        assert_eq!((&row["support"], &row["label"]), (&arm.support.clone().unwrap_or_default(), &arm.label));
        assert_eq!(number(row, "mean_low"), arm.mean.map(|mean| mean.low));
        assert_eq!(number(row, "sd"), arm.deviation);
        assert_eq!(number(row, "gain"), arm.gain.as_ref().map(|gain| gain.difference.value));
        assert_eq!(number(row, "gain_p_holm"), arm.gain.as_ref().and_then(|gain| gain.p_holm));
        assert_eq!(number(row, "gain_seeds"), arm.gain.as_ref().map(|gain| gain.seeds as f64));
        assert_eq!(number(row, "minutes"), arm.cost.map(|cost| cost.minutes));
        assert_eq!(number(row, "steps"), arm.cost.map(|cost| cost.steps));
    }
    let looks = read(&tables, "looks.csv");
    let seen = || findings.arms.iter().flat_map(|arm| arm.gain.iter().flat_map(|gain| &gain.looks));
    assert_eq!(looks.len(), seen().count());
    for (row, look) in looks.iter().zip(seen()) {
        assert_eq!((number(row, "seeds"), &*row["planned"]), (Some(look.seeds as f64), "true"));
        assert_eq!((number(row, "gain"), number(row, "p")), (Some(look.difference), Some(look.p_value)));
        assert_eq!(
            (number(row, "level"), &*row["decides"]),
            (Some(look.level), &*look.rejects().to_string())
        );
    }
    let seeds = read(&tables, "seeds.csv");
    let expected: Vec<f64> =
        findings.arms.iter().flat_map(|arm| &arm.scores).map(|seed| seed.score).collect();
    assert_eq!(seeds.iter().map(|row| number(row, "score").unwrap()).collect::<Vec<_>>(), expected);
    for (row, cell) in read(&tables, "cells.csv").iter().zip(&findings.cells) {
        let winner = cell.winner.map_or("", |winner| if winner == Strategy::Mtl { "mtl" } else { "stilts" });
        assert_eq!(row["winner"], winner);
        assert_eq!(number(row, "mtl_minus_stilts_high"), cell.mtl_minus_stilts.difference.high);
        assert_eq!(
            number(row, "better_minus_single_p"),
            cell.over_single.as_ref().and_then(|gain| gain.p_value)
        );
    }
    for (row, record) in read(&tables, "rules.csv").iter().zip(&findings.rules) {
        let written = serde_json::to_value(record).unwrap();
        assert_eq!((&written["rule"], &written["test"]), (&json!(row["rule"]), &json!(row["test"])));
        assert_eq!(number(row, "share_low"), record.share.map(|share| share.low));
    }
    let choices = read(&tables, "choices.csv");
    assert_eq!(choices.len(), findings.choices.len() * (9 + 1));
    for (rows, choice) in choices.chunks(10).zip(&findings.choices) {
        assert!(rows.iter().all(|row| row["way"] == choice.way));
        for (row, (target, score)) in rows.iter().zip(&choice.scores) {
            assert_eq!((&row["target"], number(row, "score")), (target, Some(*score)));
        }
        assert_eq!((&*rows[9]["target"], number(&rows[9], "score")), ("", Some(choice.mean)));
        assert_eq!(number(&rows[9], "sd"), choice.deviation);
    }
    assert_eq!(written(&sample::empty()), BTreeMap::new());

    let findings = sample::comparison();
    let rows = read(&written(&findings), "gold_probability.csv");
    assert_eq!(rows.len(), findings.arms.len());
    for (row, arm) in rows.iter().zip(&findings.arms) {
        let found = arm.gold_probability.as_ref().unwrap();
        assert_eq!((&row["label"], number(row, "mean")), (&arm.label, Some(found.mean)));
        assert_eq!(number(row, "minus_single"), found.gain.as_ref().map(|gain| gain.difference.value));
        assert_eq!(number(row, "minus_single_p_holm"), found.gain.as_ref().and_then(|gain| gain.p_holm));
    }

    let rows = read(&written(&findings), "worst_groups.csv");
    assert_eq!(rows.len(), findings.arms.len());
    for (row, arm) in rows.iter().zip(&findings.arms) {
        let found = arm.groups.as_ref().unwrap();
        assert_eq!((&row["label"], &*row["worst_group"]), (&arm.label, "entailment/with"));
        assert_eq!((number(row, "average"), number(row, "worst")), (Some(found.average), found.worst));
        assert_eq!(number(row, "minus_single"), found.gain.as_ref().map(|gain| gain.difference.value));
    }
    let rows = read(&written(&findings), "groups.csv");
    assert_eq!(rows.len(), 2 * findings.arms.len());
    assert_eq!(
        (&*rows[1]["group"], &*rows[1]["rows"], &*rows[1]["worst_in"]),
        ("entailment/without", "90", "1")
    );

    let [tasks, pairs] =
        ["gradients.csv", "cosines.csv"].map(|name| read(&written(&sample::comparison()), name));
    assert_eq!((&*tasks[1]["label"], &*tasks[1]["task"]), ("mtl with MNLI", "MNLI"));
    assert_eq!((number(&tasks[1], "weight"), number(&tasks[1], "norm")), (Some(0.8), Some(1.9)));
    assert_eq!((&*pairs[0]["task"], &*pairs[0]["other"]), ("RTE", "MNLI"));
    assert_eq!((number(&pairs[0], "cosine"), number(&pairs[0], "opposed")), (Some(-0.05), Some(0.625)));
    let rows = read(&written(&findings), "ensembles.csv");
    let named: Vec<&str> = rows.iter().map(|row| &*row["label"]).collect();
    assert_eq!((named, number(&rows[1], "score")), (vec!["single", ""], Some(0.7125)));

    let findings = sample::size_curve();
    let tables = written(&findings);
    let sizes = read(&tables, "sizes.csv");
    let curve = findings.size_curve.unwrap();
    let rows = read(&tables, "curve.csv");
    let expected = [
        ("slope", curve.slope, curve.slope_p),
        ("intercept", curve.intercept, curve.intercept_p),
        ("crossover", curve.crossover, None),
    ];
    assert_eq!(rows.len(), expected.len());
    for (row, (name, value, p)) in rows.iter().zip(expected) {
        assert_eq!((&*row["name"], number(row, "value")), (name, value.map(|value| value.value)));
        assert_eq!(number(row, "low"), value.map(|value| value.low));
        assert_eq!(number(row, "high"), value.map(|value| value.high));
        assert_eq!(number(row, "p"), p);
    }
    assert_eq!(sizes.len(), curve.points.len());
    for (row, point) in sizes.iter().zip(&curve.points) {
        assert_eq!(number(row, "ratio"), Some(point.ratio));
        assert_eq!(number(row, "support_rows"), Some(point.support_rows as f64));
        assert_eq!(number(row, "stilts_low"), point.stilts.map(|mean| mean.low));
        assert_eq!(number(row, "mtl"), point.mtl.map(|mean| mean.value));
        assert_eq!(
            number(row, "mtl_minus_stilts_p"),
            point.difference.as_ref().and_then(|against| against.p_value)
        );
    }
}

#[test]
fn a_terminal_reads_what_to_do_first() {
    let mut findings = sample::comparison();
    findings.arms.iter_mut().for_each(|arm| arm.groups = None);
    let text = terminal(&findings, 80);
    let expected = "\
RTE with MNLI, QNLI
RTE: stilts from MNLI (decided)
  Use STILTs from MNLI: train on MNLI first, then on RTE.
  It gains 7.9 points over single [4.3, 11.5]; it is the best arm in 82 of 100
  replicates.
  It costs 13 minutes per seed, single 4.
  By size alone the choice would have been MTL with MNLI; the two are not told
  apart here.
  The run of stilts from MNLI to use, seed 42, the best of its seeds on the
  selecting rows:
    studies/rte/runs/000000000000002a
    mtlift predict --model studies/rte/runs/000000000000002a --task RTE --input input.tsv --out predictions.tsv

warning: single, seed 544460: degenerate (one class predicted)

RTE                         mean ± sd         gain [95 %]      p  P(best)
single                     66.2 ± 0.9                   –      –      1 %
stilts from MNLI           74.1 ± 0.9  +7.9 [+4.3, +11.5]  0.012     35 %
mtl with MNLI              71.8 ± 0.9   +5.6 [+2.0, +9.2]  0.045     21 %
mtl-all                    69.4 ± 0.9   +3.2 [−0.4, +6.8]  0.169      0 %
mtl-then-target with MNLI  72.7 ± 0.9  +6.5 [+2.9, +10.1]  0.027      5 %
";
    assert_eq!(text, expected);

    let text = terminal(&sample::sweep(), 80);
    assert!(text.contains("\nMNLI           +0.3   −1.5'  −0.1   −3.3*"), "{text}");
    assert!(text.contains("\nsize rule, average support  78.3 ± 0.4\n"), "{text}");
    let text = terminal(&sample::size_curve(), 80);
    assert!(text.contains("\n3.03                89.4  90.8    +1.4 [+0.7, +2.1]  0.020\n"), "{text}");
}

#[test]
fn a_line_through_the_sizes_says_where_it_crosses_or_why_it_does_not() {
    let said = |change: &dyn Fn(&mut SizeCurve)| {
        let mut findings = sample::size_curve();
        change(findings.size_curve.as_mut().unwrap());
        let page = html(&findings).unwrap();
        let line = terminal(&findings, 1000).lines().last().unwrap().to_owned();
        assert!(page.contains(&line), "{line}");
        line
    };
    let slope = "When the support doubles, MTL minus STILTs changes by +1.1 [+0.7, +1.5] points (p = 0.003).";
    let crosses =
        format!("{slope} The line crosses 0 at 1.15 [0.80, 1.70] support rows for each row of the target.");
    assert_eq!(said(&|_| ()), crosses);
    for ratio in [0.2, 3.1] {
        let outside = said(&|curve| curve.crossover.as_mut().unwrap().value = ratio);
        assert!(outside.ends_with(" row of the target, outside the sizes that were tried."), "{outside}");
    }
    let none =
        |seeds, p| said(&|curve| (curve.crossover, curve.seeds, curve.slope_p) = (None, seeds, Some(p)));
    for (line, reason) in [
        (none(3, 0.2), "There is no crossover: the slope may be 0."),
        (none(3, 0.04), "There is no crossover: its interval is not limited."),
        (none(1, 0.001), "There is no crossover: one seed does not show how much seeds vary."),
        (said(&|curve| (curve.slope, curve.crossover) = (None, None)), "There is no line yet"),
    ] {
        assert!(line.contains(reason), "{line}");
    }
}

#[test]
fn the_differences_of_a_size_curve_say_what_their_intervals_are_over() {
    let mut findings = sample::size_curve();
    let page = html(&findings).unwrap();
    assert!(page.contains(
        "Intervals are 95 % over seeds and dev examples, of one look; the support is cut to the same rows"
    ));
    for point in &mut findings.size_curve.as_mut().unwrap().points {
        point.difference.as_mut().unwrap().seeds = 1;
    }
    assert!(html(&findings).unwrap().contains("There are no intervals, because one seed does not show"));
}

/// The findings of real studies, as this program's reports have written them.
#[test]
fn recorded_findings_are_written_as_they_were_read() {
    for (study, recorded) in [
        ("size-curve", include_str!("../../docs/results/sweep/size-curve/findings.json")),
        ("target-full", include_str!("../../docs/results/sweep/target-full/findings.json")),
        ("truncating", include_str!("../../docs/results/sweep/truncating/findings.json")),
    ] {
        let findings: Findings = serde_json::from_str(recorded).unwrap();
        let written = serde_json::to_string_pretty(&findings).unwrap();
        assert!(written == recorded.trim_end(), "{study}: other bytes");
    }
}

#[test]
fn a_word_that_names_no_value_is_refused_with_those_that_do() {
    let record = serde_json::to_value(&sample::sweep().rules[0]).unwrap();
    for (field, expected) in [
        ("rule", "size rule; always MTL; always STILTs; majority of the row"),
        ("test", "mixed model; mixed model, BH; mixed model, BH, sizes unlike; paper"),
    ] {
        let mut other = record.clone();
        other[field] = json!("a coin");
        let error = serde_json::from_value::<RuleRecord>(other).unwrap_err().to_string();
        assert_eq!(error, format!("unknown name `a coin`, expected one of: {expected}"));
    }
}
