//! What a question is made of: which runs, shared how, in which order.

use mtlift_schedule::{Arm, ArmSpec, Combine, Exposure, Sampler};
use mtlift_train::{GramCost, MaskedCost, Rehearsal, Speed, Yardstick};

use super::plan;
use crate::error::Error;
use crate::made_up::{spec, survey};
use crate::plan::{Entry, Plan};
use crate::spec::Question;
use crate::spec::{Spec, SupportPhase, SupportSeed};
use crate::survey::{Subject, Survey, Unlabelled};

fn three() -> Survey {
    survey(&[("target", 100), ("big", 400), ("small", 50)])
}

fn shapes(arms: &[Arm]) -> Vec<ArmSpec> {
    arms.iter().copied().map(ArmSpec::from).collect()
}

fn compare(arms: &[Arm]) -> Spec {
    Spec { arms: shapes(arms), seeds: vec![1, 2], ..spec(Question::Compare, &["target"], &["big", "small"]) }
}

fn planned(spec: &Spec) -> Plan {
    spec.check().expect("a question that can be asked");
    plan(spec, &three()).expect("a plan")
}

fn labels(plan: &Plan) -> Vec<&str> {
    plan.runs().iter().map(|run| run.label.as_str()).collect()
}

/// Names of 0.1.0: a study that was made then finds its runs.
#[test]
fn ids_of_0_1_0_stay() {
    let spec = compare(&[Arm::Single, Arm::Stilts, Arm::Mtl]);
    let plan = planned(&Spec { seeds: vec![1], settings: spec.settings.clone().exactly(3), ..spec });
    let ids: Vec<&str> = plan.runs().iter().map(|run| run.id.as_str()).collect();
    assert_eq!(ids, PINNED);
}

const PINNED: [&str; 7] = [
    "7b2448998e7ee05b",
    "2509ec2dd86641b9",
    "239b50edb416d0b3",
    "28f3b425660e77e5",
    "2acd0f1b1528ab8a",
    "295675a9c8ba5ad1",
    "9559ab293c55f565",
];

#[test]
fn a_run_is_called_as_its_arm_is() {
    let spec = Spec { seeds: vec![7], ..compare(&[Arm::Single, Arm::Stilts, Arm::MtlThenTarget]) };
    assert_eq!(
        labels(&planned(&Spec { supports: vec!["big".to_owned()], ..spec })),
        [
            "target: single, seed 7",
            "big: single, seed 7",
            "target: stilts from big, seed 7",
            "target: mtl with big, seed 7",
            "target: mtl-then-target with big, seed 7"
        ]
    );
}

#[test]
fn what_a_run_needs_comes_before_it() {
    let arms = [Arm::Single, Arm::Stilts, Arm::Mtl, Arm::MtlAll, Arm::MtlThenTarget];
    let mut spec = compare(&arms);
    spec.mixing.mix.sampler = Sampler::Dynamic;
    spec.mtl_all_samplers = vec![Sampler::Size, Sampler::Dynamic];
    let plan = planned(&spec);
    for (place, run) in plan.runs().iter().enumerate() {
        assert_eq!(plan.place(&run.id), Some(place));
        for needed in run.needs() {
            assert!(plan.place(needed).is_some_and(|before| before < place), "{}", run.label);
        }
    }
    for entry in &plan.entries {
        assert_eq!(entry.chains.len(), 2, "a chain for each seed");
        assert!(entry.chains.iter().flatten().all(|id| plan.place(id).is_some()));
    }
}

#[test]
fn the_support_phase_of_stilts_is_the_supports_single() {
    let plan = planned(&compare(&[Arm::Stilts]));
    let sweep = Spec { seeds: vec![1, 2], ..spec(Question::Sweep, &["target", "big"], &["target", "big"]) };
    let single = |plan: &Plan, task: usize| {
        plan.runs().iter().filter(|run| run.tasks == [task] && run.recipe.starts_from().is_empty()).count()
    };
    assert_eq!(single(&plan, 1), 2, "one for each seed");
    let sweep = planned(&Spec { arms: shapes(&[Arm::Single, Arm::Stilts]), ..sweep });
    assert_eq!(single(&sweep, 1), 2, "the single of `big` is what the other's stilts starts from");

    let own_pace = SupportPhase { epochs: Some(1), ..SupportPhase::default() };
    let paced = Spec { arms: shapes(&[Arm::Single, Arm::Stilts]), support_phase: own_pace, ..sweep_of_two() };
    assert_eq!(single(&planned(&paced), 1), 4, "a phase with a pace of its own is another run");
}

fn sweep_of_two() -> Spec {
    Spec { seeds: vec![1, 2], ..spec(Question::Sweep, &["target", "big"], &["target", "big"]) }
}

/// With `target-full` by another sampler the epoch is the target's, so each target has a run of its own.
#[test]
fn a_mixed_run_serves_all_its_tasks_where_none_is_treated_apart() {
    let mixed = |exposure, sampler| {
        let mut spec = Spec { arms: shapes(&[Arm::Single, Arm::Mtl]), seeds: vec![1], ..sweep_of_two() };
        (spec.mixing.mix.exposure, spec.mixing.mix.sampler) = (exposure, sampler);
        planned(&spec).runs().iter().filter(|run| run.tasks.len() == 2).count()
    };
    assert_eq!(mixed(Exposure::TargetFull, Sampler::Size), 1);
    assert_eq!(mixed(Exposure::AllFull, Sampler::Uniform), 1);
    assert_eq!(mixed(Exposure::TargetFull, Sampler::Uniform), 2);
}

#[test]
fn the_best_support_seed_is_chosen_among_all() {
    let spec = Spec { support_seed: SupportSeed::Best, ..compare(&[Arm::Stilts]) };
    let plan = planned(&spec);
    let starts: Vec<usize> = plan.runs().iter().map(|run| run.recipe.starts_from().len()).collect();
    assert_eq!(starts.iter().filter(|&&starts| starts == 2).count(), 4, "{:?}", labels(&plan));
}

/// A setting that came after 0.1.0 is in a run's name only where it differs from its default.
#[test]
fn a_combination_of_gradients_is_another_run() {
    let id = |combine| {
        let mut spec = Spec { seeds: vec![1], ..compare(&[Arm::Mtl]) };
        spec.mixing.combine = combine;
        let plan = planned(&spec);
        let run = &plan.runs()[0];
        (run.id.clone(), run.description["mixing"].get("combine").cloned())
    };
    let (sum, pcgrad) = (id(Combine::default()), id("pcgrad".parse().expect("a rule")));
    assert_ne!(sum.0, pcgrad.0);
    assert_eq!(sum.1, None);
    assert_eq!(pcgrad.1, Some("pcgrad".into()));
}

/// An arm's method is its runs' rule, and what two arms have in common is trained once.
#[test]
fn an_arm_with_a_method_has_runs_of_its_own() {
    let arms = ["mtl", "mtl:nash", "mtl-then-target:nash", "mtl:sum"].map(|arm| arm.parse().expect("an arm"));
    let spec = Spec { arms: arms.to_vec(), seeds: vec![1], supports: vec!["big".to_owned()], ..compare(&[]) };
    let all = planned(&spec);
    assert_eq!(
        labels(&all),
        [
            "target: mtl with big, seed 1",
            "target: mtl:nash with big, seed 1",
            "target: mtl-then-target:nash with big, seed 1"
        ]
    );
    let of_mtl = planned(&Spec { arms: shapes(&[Arm::Mtl]), ..spec.clone() });
    assert_eq!(all.runs()[0].id, of_mtl.runs()[0].id, "the plain arm keeps its name");
    // As if the rule were the whole study's.
    let mut combined = Spec { arms: shapes(&[Arm::Mtl]), ..spec };
    combined.mixing.combine = "nash".parse().expect("a rule");
    assert_eq!(planned(&combined).runs()[0].id, all.runs()[1].id);
}

/// Of an arm that looks for flat minima all phases do; the support phase is the support's own such arm.
#[test]
fn flat_minima_are_looked_for_in_every_phase() {
    let arms = ["single", "single:sam", "stilts:sam", "mtl:nash+sam"].map(|arm| arm.parse().expect("an arm"));
    let spec = Spec { arms: arms.to_vec(), seeds: vec![1], supports: vec!["big".to_owned()], ..compare(&[]) };
    let plan = planned(&spec);
    assert_eq!(
        labels(&plan),
        [
            "target: single, seed 1",
            "target: single:sam, seed 1",
            "big: single:sam, seed 1",
            "target: stilts:sam from big, seed 1",
            "target: mtl:nash+sam with big, seed 1"
        ]
    );
    let looks = |run: &crate::plan::PlannedRun| run.description["settings"].get("flat_minima").cloned();
    assert_eq!(plan.runs().iter().map(looks).collect::<Vec<_>>()[..2], [None, Some("sam".into())]);
    assert!(plan.runs()[1..].iter().all(|run| looks(run) == Some("sam".into())));
}

/// Of the runs on one task each, which other arms have too, and on to the target.
#[test]
fn merged_arms_start_from_singles() {
    let arms = ["single", "stilts", "merge:metagpt", "merge-then-target:metagpt", "merge:metagpt+sam"];
    let arms = arms.map(|arm| arm.parse().expect("an arm"));
    let spec = Spec { arms: arms.to_vec(), seeds: vec![1], supports: vec!["big".to_owned()], ..compare(&[]) };
    let plan = planned(&spec);
    assert_eq!(
        labels(&plan),
        [
            "target: single, seed 1",
            "big: single, seed 1",
            "target: stilts from big, seed 1",
            "target: merge:metagpt with big, seed 1",
            "target: merge-then-target:metagpt with big, seed 1",
            "target: single:sam, seed 1",
            "big: single:sam, seed 1",
            "target: merge:metagpt+sam with big, seed 1",
        ]
    );
    let needs = |place: usize| -> Vec<usize> {
        plan.runs()[place].needs().map(|id| plan.place(id).expect("it is planned")).collect()
    };
    assert_eq!((needs(3), needs(4), needs(7)), (vec![0, 1], vec![3], vec![5, 6]));
    assert_eq!(plan.entries[3].chains[0].len(), 4);
}

/// Rows that a rule looks at are passes over them, however long the runs were: 90 rows of the target, 360 of the support, a token each
/// and a second a token.
#[test]
fn what_merging_by_rows_costs_is_estimated() {
    let survey = three();
    let measured: Vec<Rehearsal> = survey.all.iter().map(rehearsal).collect();
    let cost = |arm: &str| {
        let (arms, supports) = (vec![arm.parse().expect("an arm")], vec!["big".to_owned()]);
        let plan = planned(&Spec { arms, supports, seeds: vec![1], ..compare(&[]) });
        let run = plan.runs().last().expect("the merge");
        let of_run = run.recipe.plan(&run.label, &survey).expect("a run");
        (run.recipe.seconds(&of_run, &measured), run.recipe.more_memory(&measured))
    };
    let (plain, memory) = cost("merge:average");
    let (seconds, more) = cost("merge:fisher(rows=100)");
    // Rows by themselves; forward and back for each of two labels, and forward once more.
    assert_eq!(seconds - plain, 1.5 * (90.0 + 100.0) * 3.0);
    assert_eq!(more - memory, 2.0 * 1000.0 * 4.0);
    let (seconds, more) = cost("merge:regmean(rows=100)");
    // 11e9 multiplications at 2e9 a second.
    assert!((seconds - plain - 2.6 * (90.0 + 100.0) - 5.5).abs() < 1e-9);
    assert_eq!(more - memory, 2.0 * 700.0 * 4.0);
}

/// The texts are a phase of their own, which arms that go on differently have in common.
#[test]
fn an_adapted_model_is_shared() {
    let arms = ["single", "adapt", "adapt:sam", "adapt(epochs=3)", "single:steps"];
    let arms = arms.map(|arm| arm.parse().expect("an arm"));
    let spec = Spec { arms: arms.to_vec(), seeds: vec![1], ..compare(&[]) };
    let plan = planned(&spec);
    assert_eq!(
        labels(&plan),
        [
            "target: single, seed 1",
            "target: adapt on its texts, seed 1",
            "target: adapt, seed 1",
            "target: adapt:sam, seed 1",
            "target: adapt(epochs=3) on its texts, seed 1",
            "target: adapt(epochs=3), seed 1",
            "target: single:steps, seed 1",
        ]
    );
    let needs = |place: usize| -> Vec<usize> {
        plan.runs()[place].needs().map(|id| plan.place(id).expect("it is planned")).collect()
    };
    assert_eq!((needs(1), needs(2), needs(3), needs(5)), (vec![], vec![1], vec![1], vec![4]));
    let steps = |place: usize| {
        let run = &plan.runs()[place];
        run.recipe.plan(&run.label, &three()).expect("a run").steps
    };
    // As long as every other phase, unless its epochs are given: 90 rows in batches of 32.
    assert_eq!((steps(0), steps(1), steps(4)), (600, 600, 9));
    assert_eq!(steps(6), 1200, "as many as adapting and training take");
    let settings = |place: usize| &plan.runs()[place].description["settings"];
    assert_eq!(settings(1)["patience"], serde_json::Value::Null, "no label selects a step");
    assert_eq!(settings(3)["flat_minima"], "sam");
}

/// Tokens take a second each, and guessing them twice as long.
#[test]
fn what_adapting_costs_is_estimated() {
    let survey = three();
    let measured: Vec<Rehearsal> = survey.all.iter().map(rehearsal).collect();
    let arm = "adapt(epochs=3)".parse().expect("an arm");
    let plan = planned(&Spec { arms: vec![arm], seeds: vec![1], ..compare(&[]) });
    let run = &plan.runs()[0];
    let of_run = run.recipe.plan(&run.label, &survey).expect("a run");
    assert_eq!(run.recipe.seconds(&of_run, &measured), 0.5 + 2.0 * 3.0 * 90.0);
    assert_eq!(run.recipe.more_memory(&measured), 32.0 * 10.0 * 4.0, "logits of a batch of one token a row");
}

/// A pass of its own beside the plain one, whose speed is what was measured: passes, logits and activations of a batch of one token a row.
#[test]
fn what_guessing_beside_labels_costs_is_estimated() {
    let survey = three();
    let measured: Vec<Rehearsal> = survey.all.iter().map(rehearsal).collect();
    let cost = |arm: &str| {
        let arms = vec![arm.parse().expect("an arm")];
        let plan = planned(&Spec { arms, seeds: vec![1], ..compare(&[]) });
        let run = &plan.runs()[0];
        let of_run = run.recipe.plan(&run.label, &survey).expect("a run");
        (run.recipe.seconds(&of_run, &measured), run.recipe.more_memory(&measured))
    };
    let (plain, none) = cost("single");
    let (seconds, more) = cost("single:mlm");
    assert_eq!((seconds - 0.5, none, more), (3.0 * (plain - 0.5), 0.0, 32.0 * (10.0 + 7.0) * 4.0));
    assert_eq!(cost("single:mlm(weight=0,l1=1)"), (plain, none));
}

/// Soups of two seeds have no run in common, and the first of each is the arm's that it is compared with.
#[test]
fn a_soup_has_runs_of_its_own() {
    let plan = planned(&compare(&[Arm::Single, Arm::Soup]));
    assert_eq!(
        labels(&plan),
        [
            "target: single, seed 1",
            "target: single, seed 1000001",
            "target: single, seed 2000001",
            "target: soup, seed 1",
            "target: single, seed 2",
            "target: single, seed 1000002",
            "target: single, seed 2000002",
            "target: soup, seed 2",
        ]
    );
    assert_eq!(plan.runs()[3].needs().count(), 3);
}

/// Nor have students of two seeds a teacher in common; they share those of the soup.
#[test]
fn a_student_has_teachers_of_its_own() {
    let arms = ["soup", "distill", "distill(temperature=2):sam"].map(|arm| arm.parse().expect("an arm"));
    let plan = planned(&Spec { arms: arms.to_vec(), ..compare(&[]) });
    assert_eq!(
        labels(&plan)[..8],
        [
            "target: single, seed 1",
            "target: single, seed 1000001",
            "target: single, seed 2000001",
            "target: soup, seed 1",
            "target: distill, seed 1",
            "target: single:sam, seed 1",
            "target: single:sam, seed 1000001",
            "target: single:sam, seed 2000001",
        ]
    );
    let teachers = |seed: usize| plan.runs()[9 * seed + 4].needs().collect::<Vec<_>>();
    assert!(teachers(0).iter().all(|id| !teachers(1).contains(id)));
}

/// It was refused: the study's selection went to it whole, and not only what is about its own task.
#[test]
fn a_student_without_groups_is_not_selected_by_them() {
    let ids = |select| {
        let mut spec = Spec { arms: vec!["distill".parse().expect("an arm")], ..compare(&[]) };
        spec.settings.select = select;
        planned(&spec).runs().iter().map(|run| run.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(Yardstick::WorstGroup), ids(Yardstick::Score));
}

/// The target's single labels, each round for the next, and every round is as long as single.
#[test]
fn an_arm_that_trains_itself_is_labelled_for_by_the_run_before() {
    let arms =
        ["single", "self-train(rounds=2)", "self-train", "self-train:support", "self-train(steps=7):sam"];
    let arms = arms.map(|arm| arm.parse().expect("an arm"));
    let spec = Spec { arms: arms.to_vec(), seeds: vec![1], supports: vec!["big".to_owned()], ..compare(&[]) };
    let spec = Spec { settings: spec.settings.clone().exactly(3), ..spec };
    let plan = planned(&spec);
    assert_eq!(
        labels(&plan),
        [
            "target: single, seed 1",
            "target: self-train, seed 1",
            "target: self-train(rounds=2), seed 1",
            "target: self-train:support with big, seed 1",
            "target: single:sam, seed 1",
            "target: self-train(steps=7):sam, seed 1",
        ]
    );
    let needs = |place: usize| -> Vec<usize> {
        plan.runs()[place].needs().map(|id| plan.place(id).expect("it is planned")).collect()
    };
    assert_eq!((1..6).map(needs).collect::<Vec<_>>(), [vec![0], vec![1], vec![0], vec![], vec![4]]);
    assert_eq!(plan.entries[2].chains[0], plan.entries[1].chains[0][..2], "fewer rounds begin more");
    let survey = three();
    let planned = |place: usize| {
        let run = &plan.runs()[place];
        run.recipe.plan(&run.label, &survey).expect("a plan")
    };
    // 90 rows in batches of 32, three times.
    assert_eq!([0, 1, 2, 3, 5].map(|place| planned(place).steps), [9, 9, 9, 9, 7]);
    // 50 rows of its own without labels, or 400 of the support.
    assert_eq!([1, 3].map(|place| planned(place).tasks[0].rows), [140, 490]);
    let seen = planned(1).rows_seen();
    assert!((seen / (9.0 * 32.0) - 1.0).abs() < 0.15, "{seen} rows in 9 steps of 32");

    // To label costs passes over the rows.
    let measured = [90, 360, 45].map(of_ten_tokens);
    let seconds = |arm: &str| {
        let spec = Spec { arms: vec![arm.parse().expect("an arm")], ..spec.clone() };
        let plan = super::plan(&spec, &survey).expect("a plan");
        let run = &plan.runs()[1];
        run.recipe.seconds(&run.recipe.plan(&run.label, &survey).expect("a plan"), &measured)
    };
    let each_pass = (seconds("self-train(passes=9)") - seconds("self-train(passes=1)")) / 8.0;
    assert!((each_pass - 0.5).abs() < 1e-9, "50 rows of 10 tokens take {each_pass} seconds");

    // To write 2 copies of 90 rows with 3 of their 10 tokens sampled one by one, twice: 6 passes, and 6 guesses that cost 3 tokens each.
    let with = |more: &str| seconds(&format!("self-train:infill(copies=2,block=1{more})"));
    let written = with(",sweeps=2") - with(",masked=0");
    assert!((written - 180.0 * (60.0 + 18.0) / 1000.0).abs() < 1e-9, "{written} seconds");
    let in_blocks = with(",sweeps=2") - seconds("self-train:infill(copies=2,sweeps=2,block=2)");
    assert!((in_blocks - 180.0 * 20.0 / 1000.0).abs() < 1e-9, "4 passes and not 6: {in_blocks} seconds");
}

/// So many rows of 10 tokens.
fn of_ten_tokens(rows: usize) -> Rehearsal {
    Rehearsal {
        rows,
        tokens: 10 * rows,
        watched_tokens: 100,
        dev_tokens: 40,
        parameters: 1,
        layers: 2,
        masked: MaskedCost { passes: 2.0, logits: 10.0, guess: 3.0, activations: 7.0 },
        grams: GramCost { values: 700.0, passes: 1.6, products: 3e9, solving: 5e9 },
        speed: Some(Speed { training: 100.0, evaluation: 1000.0, peak_rss_mib: None }),
    }
}

/// It depends on them, and no other run of the target does.
#[test]
fn an_arm_that_compares_twins_is_known_by_the_rows_without_labels() {
    let with = |arm: &str, unlabelled: &Unlabelled| {
        let arms = [Arm::Single.into(), arm.parse().expect("an arm")].to_vec();
        let spec = Spec { arms, seeds: vec![1], ..compare(&[]) };
        let mut survey = three();
        survey.all[0].unlabelled = unlabelled.clone();
        let spec = Spec { settings: spec.settings.clone().exactly(3), ..spec };
        let plan = super::plan(&spec, &survey).expect("a plan");
        assert_eq!(labels(&plan), ["target: single, seed 1".to_owned(), format!("target: {arm}, seed 1")]);
        let planned = |place: usize| {
            let run = &plan.runs()[place];
            run.recipe.plan(&run.label, &survey).expect("a plan")
        };
        let seconds = |place: usize| {
            plan.runs()[place].recipe.seconds(&planned(place), &[90, 360, 45].map(of_ten_tokens))
        };
        let (steps, twins) = (planned(1).steps, planned(1).tasks[0].twins);
        assert_eq!((steps, planned(0).tasks[0].twins), (9, 0));
        (plan.runs()[0].id.clone(), plan.runs()[1].id.clone(), twins, seconds(1) - seconds(0))
    };
    let rows = |rows: usize, hash: Option<&str>| Unlabelled { rows, hash: hash.map(str::to_owned) };
    let few = with("single:consistency", &rows(50, Some("a file's")));
    let many = with("single:consistency", &rows(1000, Some("another's")));
    let none = with("single:consistency", &rows(0, None));
    // 9 steps of 32 rows; without rows that have no labels the 90 to train on.
    assert_eq!([few.2, many.2, none.2], [50, 288, 90]);
    assert!(few.0 == many.0 && few.1 != many.1 && few.1 != none.1);
    // The 288 rows of 10 tokens go forward, and their twins forward and back; 3 tokens of a row are guessed in one pass.
    let shown = 2880.0 / 1000.0 + 2880.0 / 100.0;
    for (found, twins) in [(few.3, 50.0), (many.3, 288.0)] {
        let wanted = shown + twins * (10.0 + 9.0) / 1000.0;
        assert!((found - wanted).abs() < 1e-9, "{found} seconds, expected {wanted}");
    }
    let nothing = with("single:consistency(weight=0)", &rows(50, Some("a file's")));
    assert_eq!((nothing.2, nothing.3), (0, 0.0));
    assert_eq!(nothing.1, with("single:consistency(weight=0)", &rows(1000, None)).1);

    let refused = |arm: &str| {
        let spec = Spec { arms: vec![Arm::Single.into(), arm.parse().expect("an arm")], ..compare(&[]) };
        spec.check().expect_err("an arm of several models").to_string()
    };
    for arm in ["stilts:consistency", "mtl:consistency", "soup:consistency"] {
        let expected = format!("{arm} cannot be trained with consistency, which is for the target alone");
        assert!(refused(arm).starts_with(&expected), "{}", refused(arm));
    }
}

/// It reads no row without a label, so it is the same run whether the task has such or not.
#[test]
fn an_arm_that_writes_rows_is_labelled_for_by_single() {
    let with = |arm: &str, survey: &Survey| {
        let arms = [Arm::Single.into(), arm.parse().expect("an arm")].to_vec();
        let spec = Spec { arms, seeds: vec![1], ..compare(&[]) };
        super::plan(&Spec { settings: spec.settings.clone().exactly(3), ..spec }, survey).expect("a plan")
    };
    let mut survey = three();
    let plan = with("self-train:infill(copies=2)", &survey);
    assert_eq!(labels(&plan), ["target: single, seed 1", "target: self-train:infill(copies=2), seed 1"]);
    let run = &plan.runs()[1];
    assert_eq!(run.needs().collect::<Vec<_>>(), [&plan.runs()[0].id]);
    let of_run = run.recipe.plan(&run.label, &survey).expect("a plan");
    assert_eq!((of_run.steps, of_run.tasks[0].rows), (9, 90 + 180));
    let found = with("self-train", &survey);
    survey.all[0].unlabelled.hash = Some("a file's".to_owned());
    assert_eq!(with("self-train:infill(copies=2)", &survey).runs()[1].id, run.id);
    assert_ne!(with("self-train", &survey).runs()[1].id, found.runs()[1].id);
    assert_ne!(with("self-train:infill(copies=3)", &survey).runs()[1].id, run.id);
}

#[test]
fn a_method_without_several_tasks_is_refused() {
    let refused = |arm: &str| {
        let spec = Spec { arms: vec![Arm::Single.into(), arm.parse().expect("an arm")], ..compare(&[]) };
        spec.check().expect_err("a method that has nothing to combine").to_string()
    };
    assert_eq!(
        refused("stilts:nash"),
        "stilts:nash combines the gradients of several tasks, and stilts trains on one at a time: the arms mtl, mtl-all and \
         mtl-then-target take such a method"
    );
    assert_eq!(
        refused("single:fs-mtl"),
        "single:fs-mtl climbs for each of several tasks by itself, and single trains on one at a time: the arms mtl, mtl-all and \
         mtl-then-target take such a method, single takes sam and asam"
    );
}

/// A run is named by what is said of its own tasks, and one of which nothing is said is a plain one.
#[test]
fn an_architecture_names_the_runs_of_its_tasks() {
    let ids = |arm: &str| {
        let spec = Spec { arms: vec![arm.parse().expect("an arm")], ..compare(&[]) };
        planned(&spec).runs().iter().map(|run| run.id.clone()).collect::<Vec<_>>()
    };
    let plain = ids("mtl");
    assert_ne!(ids("mtl:layers(target=1,big=2)"), plain);
    assert_eq!(ids("mtl:layers(target=1,big=2,nowhere=3)"), ids("mtl:layers(big=2,target=1)"));
    assert_eq!(ids("mtl:layers(nowhere=3)"), plain);
}

#[test]
fn an_architecture_that_does_not_fit_is_refused() {
    let refused = |arm: &str| {
        let spec = Spec { arms: vec![Arm::Single.into(), arm.parse().expect("an arm")], ..compare(&[]) };
        spec.check().expect_err("an architecture that does not fit").to_string()
    };
    assert_eq!(
        refused("stilts:layers(big=1)"),
        "stilts:layers(big=1) has an architecture for several tasks, and stilts trains on one at a time: the arms mtl, mtl-all and \
         mtl-then-target take one"
    );
    assert_eq!(
        refused("mtl-then-target:hierarchical"),
        "mtl-then-target:hierarchical cannot be: of hierarchical the target's head reads more than the encoder, and nothing is \
         trained from it; use mtl or mtl-all"
    );
    assert_eq!(
        refused("mtl:nash+cooperative"),
        "mtl:nash+cooperative cannot be: steps of cooperative are of one task each, so there are no gradients to combine"
    );
    let cut = |arm: &str| {
        let mut spec = Spec { arms: vec![arm.parse().expect("an arm")], ..compare(&[]) };
        spec.settings.micro_batch = Some(1);
        spec.check()
    };
    let refused = cut("mtl:shared-private").expect_err("a step that is cut").to_string();
    assert!(refused.contains("the orthogonality of shared-private is of all rows of a step"), "{refused}");
    cut("mtl:shared-private(orthogonality=0)").expect("nothing of all rows");
}

/// Steps of one task each, whatever the study's batches are.
#[test]
fn cooperation_has_batches_of_its_own() {
    let spec = Spec { arms: vec!["mtl:cooperative".parse().expect("an arm")], ..compare(&[]) };
    let plan = planned(&spec);
    assert!(plan.runs().iter().all(|run| run.description["mixing"]["mix"]["batches"] == "homogeneous"));
}

/// A token a row, and a second a token.
fn rehearsal(subject: &Subject) -> Rehearsal {
    Rehearsal {
        tokens: subject.rows,
        watched_tokens: 0,
        dev_tokens: 0,
        parameters: 1000,
        layers: 4,
        speed: Some(Speed { training: 1.0, evaluation: 1.0, peak_rss_mib: None }),
        ..of_ten_tokens(subject.rows)
    }
}

/// Passes, layers that a task's rows do not reach, and what is kept beside the model: tokens take a second each here.
#[test]
fn what_a_method_costs_is_estimated() {
    let survey = three();
    let measured: Vec<Rehearsal> = survey.all.iter().map(rehearsal).collect();
    // Seconds, those of each task's tokens, and bytes.
    let cost = |arm: &str| {
        let (arms, supports) = (vec![arm.parse().expect("an arm")], vec!["big".to_owned()]);
        let plan = planned(&Spec { arms, supports, ..compare(&[]) });
        let run = &plan.runs()[0];
        let of_run = run.recipe.plan(&run.label, &survey).expect("a run");
        let of_task = |name: &str| {
            let task = of_run.tasks.iter().find(|task| task.task == name).expect("a task of the run");
            task.passes * task.rows as f64 * of_run.epochs as f64
        };
        let seconds = run.recipe.seconds(&of_run, &measured);
        (seconds, [of_task("target"), of_task("big")], run.recipe.more_memory(&measured))
    };
    let (plain, [target, big], _) = cost("mtl");
    for (arm, more, bytes) in [
        ("mtl", 0.0, 0.0),
        ("mtl:nash", 0.0, 8000.0),
        ("mtl:fs-mtl", target + big, 20000.0),
        ("mtl:nash+fs-mtl", target + big, 20000.0),
        ("mtl:layers(target=1,big=2)", -0.75 * target - 0.5 * big, 0.0),
        ("mtl:layers(big=3)+sam", 0.5 * big + target, 4000.0),
        ("mtl:hierarchical", 0.0, 0.0),
    ] {
        let (seconds, _, memory) = cost(arm);
        assert!((seconds - plain - more).abs() < 1e-6, "{arm}: {seconds}, plain {plain}, {more} more");
        assert_eq!(memory, bytes, "{arm}");
    }
}

/// Which task is the target matters to a rule that treats it apart.
#[test]
fn fixed_weights_are_those_of_a_target() {
    let runs = |combine: &str| {
        let mut spec = Spec { arms: shapes(&[Arm::Mtl]), seeds: vec![1], ..sweep_of_two() };
        spec.mixing.combine = combine.parse().expect("a rule");
        planned(&spec).runs().len()
    };
    assert_eq!((runs("nash"), runs("fixed")), (1, 2));
}

#[test]
fn a_size_curve_cuts_the_support_and_refuses_more_rows_than_there_are() {
    let curve = |ratios: &[f64]| Spec {
        ratios: ratios.to_vec(),
        seeds: vec![1],
        ..spec(Question::SizeCurve, &["target"], &["big"])
    };
    let plan = planned(&curve(&[0.5, 2.0]));
    let cut =
        labels(&plan).into_iter().filter(|label| label.contains("rows)") || label.contains("ratio")).count();
    assert!(cut >= 4, "{:?}", labels(&plan));
    assert!(matches!(
        super::plan(&curve(&[5.0]), &three()),
        Err(Error::TooFewRows { asked: 500, rows: 400, .. })
    ));
}

#[test]
fn single_steps_trains_as_long_as_the_longest_arm() {
    let (all, survey) = ([Arm::SingleSteps, Arm::Single, Arm::Stilts, Arm::MtlThenTarget], three());
    let exact = |spec: Spec| Spec { settings: spec.settings.clone().exactly(3), ..spec };
    let plan = planned(&exact(compare(&all)));
    let steps = |entry: &Entry| -> u64 {
        let runs = entry.chains[1].iter().map(|id| &plan.runs()[plan.place(id).expect("it is planned")]);
        runs.map(|run| run.recipe.plan(&run.label, &survey).expect("a run").steps).sum()
    };
    let of = |arm: Arm| plan.entries.iter().filter(move |entry| entry.arm == arm).map(steps);
    let longest = of(Arm::Stilts).chain(of(Arm::MtlThenTarget)).max();
    assert_eq!(of(Arm::SingleSteps).max(), longest);
    assert!(longest > of(Arm::Single).max());
    let run = plan.runs().iter().find(|run| run.label == "target: single:steps, seed 1").expect("its run");
    assert_eq!(run.description["settings"]["max_steps"], serde_json::json!(longest));
}

/// Truncated epochs are shorter than the target's own.
#[test]
fn where_single_is_the_longest_its_run_serves_both() {
    let mut spec = compare(&[Arm::Single, Arm::SingleSteps, Arm::Mtl]);
    spec.settings = spec.settings.exactly(3);
    (spec.mixing.mix.exposure, spec.mixing.mix.sampler) = (Exposure::Truncating, Sampler::Uniform);
    let plan = planned(&Spec { supports: vec!["small".to_owned()], ..spec });
    assert_eq!(plan.entries[0].chains, plan.entries[1].chains);
}

fn tuned(arms: &[Arm]) -> Spec {
    let tune = Some("lr=1e-5/1e-3".parse().expect("a search"));
    Spec { tune, seeds: vec![1, 2], supports: vec!["big".to_owned()], ..compare(arms) }
}

fn seed_of(run: &crate::plan::PlannedRun) -> Option<u64> {
    run.description["settings"]["seed"].as_u64()
}

/// Every arm has the same search: of the phase that is scored, under seeds of its own.
#[test]
fn what_is_tuned_has_trials_before_it_under_other_seeds() {
    let spec = tuned(&[Arm::Single, Arm::Stilts, Arm::Mtl]);
    let plan = planned(&spec);
    let [a, b] = spec.tune.as_ref().expect("a search").trial_seeds().collect::<Vec<_>>()[..] else {
        panic!("two")
    };
    let first_of_seed_1: Vec<&str> = labels(&plan)[..5].to_vec();
    assert_eq!(
        first_of_seed_1,
        [
            format!("target: single trying lr=1e-5, seed {a}"),
            format!("target: single trying lr=1e-5, seed {b}"),
            format!("target: single trying lr=1e-3, seed {a}"),
            format!("target: single trying lr=1e-3, seed {b}"),
            "target: single, seed 1".to_owned(),
        ]
    );
    // Each arm four trials, STILTs with two support phases beside them; then a run for each seed, STILTs with one before it.
    let trials: Vec<&crate::plan::PlannedRun> = plan.runs().iter().filter(|run| run.is_trial).collect();
    assert_eq!((trials.len(), plan.runs().len()), (14, 14 + 3 * 2 + 2));
    assert!(trials.iter().all(|run| seed_of(run) == Some(a) || seed_of(run) == Some(b)));
    for entry in &plan.entries {
        let of_seeds: Vec<&crate::plan::PlannedRun> = entry
            .chains
            .iter()
            .map(|chain| &plan.runs()[plan.place(&chain[chain.len() - 1]).expect("a run")])
            .collect();
        let tried = |run: &crate::plan::PlannedRun| run.recipe.trials().concat();
        assert_eq!(tried(of_seeds[0]), tried(of_seeds[1]), "the same for all seeds");
        assert_eq!(tried(of_seeds[0]).len(), 4);
        for run in of_seeds {
            assert!(!run.is_trial);
            for needed in run.needs() {
                assert!(plan.place(needed) < plan.place(&run.id), "{}", run.label);
            }
        }
    }
    let support = plan.runs().iter().filter(|run| run.label.starts_with("big: single"));
    assert!(
        support.clone().all(|run| run.description["settings"]["learning_rate"] == 5e-5),
        "as it was given"
    );
    assert_eq!(support.count(), 4, "one for each seed, and for each seed of a trial");
}

/// What a run was really trained with follows from its name, so that no other study takes it for its own.
#[test]
fn a_tuned_run_is_called_by_what_it_chose_among() {
    let spec = tuned(&[Arm::Single]);
    let id = |text: &str| {
        let plan = planned(&Spec { tune: Some(text.parse().expect("a search")), ..spec.clone() });
        plan.entries[0].chains[0][0].clone()
    };
    let untuned = planned(&Spec { tune: None, ..spec.clone() }).entries[0].chains[0][0].clone();
    let ids =
        ["lr=1e-5/1e-3", "lr=1e-5/1e-2", "lr=1e-5/1e-3/1e-2", "lr=1e-5/1e-3,seeds=3", "lr=1e-3/1e-5"].map(id);
    let all: Vec<&String> = ids.iter().chain([&untuned]).collect();
    assert!(all.iter().enumerate().all(|(place, id)| !all[..place].contains(id)), "{all:?}");
}

#[test]
fn the_plan_of_a_tuned_run_is_the_most_that_it_can_be() {
    let survey = three();
    let steps = |text: &str| {
        let plan = planned(&Spec { tune: Some(text.parse().expect("a search")), ..tuned(&[Arm::Single]) });
        let run = plan.runs().iter().find(|run| run.label == "target: single, seed 1").expect("a run");
        let found = run.recipe.plan(&run.label, &survey).expect("a plan");
        (found.steps, found.epochs, found.may_stop_early)
    };
    // 90 rows.
    assert_eq!(steps("epochs=2/10,batch=30"), (30, 10, true));
    assert_eq!(steps("epochs=10,batch=30,lr=1e-5/1e-3"), (30, 10, false));
    assert_eq!(steps("epochs=4,batch=9/90"), (40, 4, true));
}

#[test]
fn a_single_of_as_many_steps_is_tuned_too() {
    let plan = planned(&tuned(&[Arm::Single, Arm::Stilts, Arm::SingleSteps]));
    let all = labels(&plan);
    assert_eq!(
        all.iter().filter(|label| label.starts_with("target: single:steps trying")).count(),
        4,
        "{all:?}"
    );
    assert!(all.contains(&"target: single:steps, seed 2"));
}
