//! A search as it is written, what it tries, and what cannot be tried.

use mtlift_schedule::{Arm, ArmSpec, Sampler};
use mtlift_train::{Protocol, Settings};

use super::Tune;
use crate::made_up;
use crate::spec::{Question, Spec, SupportSeed};

fn tune(text: &str) -> Tune {
    text.parse().expect("a search")
}

fn compare(text: &str) -> Spec {
    Spec { tune: Some(tune(text)), ..made_up::spec(Question::Compare, &["target"], &["other"]) }
}

#[test]
fn a_search_is_written_as_it_is_read() {
    for (text, written) in [
        ("lr=1e-5/5e-5", "lr=1e-5/5e-5,seeds=2"),
        ("epochs=3/10, lr = 0.00005/3e-4,seeds=1", "lr=5e-5/3e-4,epochs=3/10,seeds=1"),
        (
            "schedule=linear/constant,weight-decay=0/0.1",
            "schedule=linear/constant,weight-decay=0/0.1,seeds=2",
        ),
    ] {
        assert_eq!(tune(text).to_string(), written);
        assert_eq!(tune(written), tune(text));
        let json = serde_json::to_string(&tune(text)).expect("JSON");
        assert_eq!(serde_json::from_str::<Tune>(&json).expect("what was written"), tune(text));
    }
    let file = "targets = [\"target\"]\n[tune]\nlr = [1e-5, 5e-5]\nepochs = [3, 10]\n";
    let spec = Spec::parse(Question::Compare, None, "study.toml", file).expect("a study file");
    assert_eq!(spec.tune, Some(tune("lr=1e-5/5e-5,epochs=3/10")));
}

#[test]
fn all_combinations_are_tried_in_the_order_of_the_values() {
    let settings = tune("epochs=10/3,lr=1e-5/5e-5").settings();
    let names: Vec<String> = settings.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["lr=1e-5,epochs=10", "lr=1e-5,epochs=3", "lr=5e-5,epochs=10", "lr=5e-5,epochs=3"]);
}

/// As the flags of the same names do.
#[test]
fn epochs_that_are_tried_are_so_many_and_no_more() {
    let study = Settings::of(Protocol::HeldOut);
    let applied = |text: &str| tune(text).settings()[0].applied_to(&study).expect("settings");
    assert_eq!(applied("epochs=7/9"), study.clone().exactly(7));
    assert_eq!(applied("lr=1e-3/1e-4"), Settings { learning_rate: 1e-3, ..study.clone() });
    let both = applied("epochs=7/9,patience=4,min-steps=50");
    assert_eq!((both.epochs, both.patience, both.min_steps), (7, Some(4), 50));
    assert_eq!(applied("patience=never/3").patience, None);
}

#[test]
fn the_seeds_of_the_trials_are_none_that_anyone_asks_for() {
    let seeds: Vec<u64> = tune("lr=1e-5/5e-5,seeds=20").trial_seeds().collect();
    assert!(seeds.iter().enumerate().all(|(place, seed)| !seeds[..place].contains(seed)));
    for protocol in [Protocol::HeldOut, Protocol::Paper] {
        let usual = Spec::defaults(Question::Compare, protocol).seeds;
        assert!(seeds.iter().all(|seed| *seed > 10_000 && !usual.contains(seed)), "{seeds:?}");
    }
    let mut spec = compare("lr=1e-5/5e-5");
    spec.seeds.push(seeds[1]);
    let said = spec.check().expect_err("a seed of a trial").to_string();
    assert_eq!(said, format!("seed {} is one of those that `tune` trains with: choose another", seeds[1]));
}

#[test]
fn what_cannot_be_tried_is_named() {
    let said = |text: &str| compare(text).check().expect_err("refused").to_string();
    assert_eq!(
        said("rate=1/2"),
        "`tune` cannot try `rate`: there are lr, epochs, min-steps, patience, batch, warmup, schedule, weight-decay, clip, \
         dropout, and seeds (how many seeds try each)"
    );
    for (text, why) in [
        ("lr=1e-5", "`tune` has 1 settings, expected 2 to 100: give values to choose from, as lr=1e-5/5e-5"),
        ("lr=1e-5/5e-5/0.00001", "`tune` has lr=1e-5 twice"),
        ("lr=1e-5/5e-5,seeds=0", "`tune` has 0 seeds, expected 1 to 20"),
        ("lr=1e-5/0", "`tune` cannot try lr=0: peak learning rate is 0, expected a finite number above 0"),
        ("lr=1e-5/fast", "`tune` cannot try lr=fast: invalid type: string \"fast\", expected f64"),
        ("epochs=3/0", "`tune` cannot try epochs=0: epochs is 0, expected 1 to 1000000"),
        (
            "patience=3/0",
            "`tune` cannot try patience=0: patience is 0, expected at least 1 evaluation, or never",
        ),
    ] {
        assert!(said(text).starts_with(why), "{}", said(text));
    }
    assert!(said("lr=1/2,seeds=99999999999").contains("runs are too many for a study"));
    let many = "lr=1/2/3/4/5/6/7/8/9,batch=1/2/3/4/5/6/7/8/9,clip=1/2/3";
    assert!(said(many).starts_with("`tune` has 243 settings"), "{}", said(many));
    for wrong in ["", "lr", "lr=1/2,lr=3/4", "lr=1/2,seeds=some"] {
        let said = wrong.parse::<Tune>().expect_err("no search").to_string();
        assert!(
            said.contains("expected settings with their values, as lr=1e-5/5e-5,epochs=3/10,seeds=2"),
            "{said}"
        );
    }
}

#[test]
fn a_question_in_which_nothing_can_be_chosen_fairly_is_refused() {
    let said = |change: &dyn Fn(&mut Spec)| {
        let mut spec = compare("lr=1e-5/5e-5,epochs=3/10");
        change(&mut spec);
        spec.check().expect_err("refused").to_string()
    };
    assert!(said(&|spec| spec.question = Question::Sweep).starts_with("`tune` is for `mtlift compare`"));
    assert!(said(&|spec| spec.settings = Settings::of(Protocol::Paper)).contains("use protocol held-out"));
    assert!(said(&|spec| spec.support_seed = SupportSeed::Best).contains("(--support-seed paired)"));
    assert!(said(&|spec| spec.mixing.mix.sampler = Sampler::Dynamic).contains("choose another sampler"));
    let steps = |spec: &mut Spec| spec.arms.push(ArmSpec::from(Arm::SingleSteps));
    assert!(said(&steps).starts_with("single:steps trains for as many steps as the arm with the most"));
    let mut rates = compare("lr=1e-5/5e-5");
    steps(&mut rates);
    rates.check().expect("a rate can be chosen for any length");
}
