//! The policy on looks made by hand: when it stops and why, whom it drops, and that it keeps nothing.

use std::convert::Infallible;

use super::*;

const LOOKS: [usize; 4] = [3, 5, 10, 20];

fn question(until: Until, arms: usize) -> Question<'static> {
    Question { until, looks: &LOOKS, arms, single: 0 }
}

fn promise(best: f64, loss: f64) -> Option<Promise> {
    Some(Promise { best, worth: 0.5, loss })
}

fn open(promises: Vec<Option<Promise>>) -> Sight {
    Sight { loss: Some(1.0), promises, ..Sight::default() }
}

/// Follows a policy over runs of which those are over that `is_over` names; what is seen at a look goes by its seeds.
fn follow(
    question: &Question<'_>,
    is_over: impl Fn(usize, usize) -> bool,
    see: impl Fn(usize) -> Sight,
) -> Course {
    let look = |arms: &[ArmCourse]| Ok::<_, Infallible>(see(arms[0].seeds));
    let Ok(course) = question.follow(is_over, look);
    course
}

fn seeds(course: &Course) -> Vec<usize> {
    course.arms.iter().map(|arm| arm.seeds).collect()
}

#[test]
fn the_first_look_is_asked_for_and_no_more_while_it_is_incomplete() {
    let three = question(Until::Decided, 3);
    let see = |_| panic!("nothing to see");
    for over in [0, 1, 8] {
        // Seed by seed, so many of the nine runs.
        let course = follow(&three, |arm, seed| 3 * seed + arm < over, see);
        assert_eq!((seeds(&course), course.look, course.end), (vec![3, 3, 3], 0, None));
        assert_eq!(course.at_most(20), [20, 20, 20]);
    }
}

#[test]
fn it_goes_on_from_look_to_look_until_the_last() {
    let two = question(Until::Decided, 2);
    let see = |_| open(vec![promise(0.5, 0.01), promise(0.5, 0.01)]);
    for (over, look, asked) in [(3, 1, 5), (4, 1, 5), (5, 2, 10), (10, 3, 20), (19, 3, 20)] {
        let course = follow(&two, |_, seed| seed < over, see);
        assert_eq!((course.look, seeds(&course), course.end), (look, vec![asked; 2], None), "{over}");
    }
    let course = follow(&two, |_, _| true, see);
    assert_eq!(course.end, Some(End { stop: Stop::LastLook, loss: Some(1.0) }));
    assert_eq!(course.at_most(20), [20, 20]);
}

#[test]
fn it_stops_for_these_reasons() {
    let all = || vec![promise(0.5, 0.01), promise(0.5, 0.01)];
    let decided = Sight { decided: true, ..open(all()) };
    let tied = Sight { tied: true, ..open(all()) };
    let small = Sight { loss: Some(0.49), ..open(all()) };
    let unknown = Sight { loss: None, ..open(all()) };
    let hopeless = open(vec![promise(0.99, 0.0), promise(0.01, 0.01)]);
    let regret = Until::Regret(0.5);
    for (until, at_five, stop) in [
        (Until::Decided, &decided, Some(Stop::Decided)),
        (regret, &decided, Some(Stop::Decided)),
        (regret, &tied, Some(Stop::Tied)),
        (regret, &small, Some(Stop::Regret)),
        (Until::Decided, &small, None),
        (regret, &unknown, None),
        (regret, &hopeless, Some(Stop::NothingLeft)),
    ] {
        let see = |seeds| if seeds == 5 { at_five.clone() } else { open(all()) };
        let course = follow(&question(until, 2), |_, seed| seed < 10, see);
        let expected = if stop.is_some() { 5 } else { 20 };
        assert_eq!(
            (course.end.map(|end| end.stop), seeds(&course)[0]),
            (stop, expected),
            "{until} {at_five:?}"
        );
    }
}

#[test]
fn an_arm_without_a_chance_is_dropped_and_keeps_its_seeds() {
    let four = question(Until::Decided, 4);
    let hopes = |best, worth| Some(Promise { best, worth, loss: 0.02 });
    let see = |seeds| match seeds {
        3 => open(vec![promise(0.001, 0.01), hopes(0.6, 0.9), hopes(0.019, 0.5), hopes(0.379, 0.021)]),
        5 => open(vec![promise(0.001, 0.01), hopes(0.6, 0.9), None, hopes(0.399, 0.019)]),
        _ => open(vec![promise(0.001, 0.01), hopes(0.6, 0.9), None, None]),
    };
    let course = follow(&four, |_, seed| seed < 5, see);
    assert_eq!(seeds(&course), [10, 10, 3, 5], "single stays, however small its chance");
    let dropped: Vec<_> = course.arms.iter().map(|arm| arm.dropped).collect();
    assert_eq!(dropped[2], Some(Dropped { seeds: 3, chance: 0.019, of: Hope::Best }));
    assert_eq!(dropped[3], Some(Dropped { seeds: 5, chance: 0.019, of: Hope::WorthIt }));
    assert_eq!(course.at_most(20), [20, 20, 3, 5]);
    let needs = |arm, seed: usize| seed < [10, 10, 3, 5][arm];
    assert_eq!(follow(&four, needs, see).look, 3, "a look waits for the arms that are left alone");
}

#[test]
fn single_comes_first_and_then_the_arms_by_promise() {
    let five = Question { single: 1, ..question(Until::Decided, 5) };
    let see =
        |_| open(vec![promise(0.2, 0.03), promise(0.2, 0.04), None, promise(0.3, 0.01), promise(0.3, 0.01)]);
    assert_eq!(follow(&five, |_, _| false, see).order, [1, 0, 2, 3, 4]);
    assert_eq!(follow(&five, |_, seed| seed < 3, see).order, [1, 3, 4, 0, 2], "of equals the first");
}

/// Whatever was finished before a kill, following it from the start over what is there leads through the same looks.
#[test]
fn a_policy_that_is_followed_again_comes_to_the_same_point() {
    let three = question(Until::Regret(0.5), 3);
    let see = |seeds: usize| Sight {
        loss: Some(4.0 / seeds as f64),
        ..open(vec![
            promise(0.3, 0.02),
            promise(0.6, 0.01),
            (seeds < 5).then_some(Promise { best: 0.01, worth: 1.0, loss: 0.1 }),
        ])
    };
    let (mut made, mut whole) = (std::collections::BTreeSet::new(), Vec::new());
    loop {
        let course = follow(&three, |arm, seed| made.contains(&(arm, seed)), see);
        let next = (0..20)
            .flat_map(|seed| (0..3).map(move |arm| (arm, seed)))
            .find(|&(arm, seed)| seed < course.arms[arm].seeds && !made.contains(&(arm, seed)));
        let Some(next) = next else {
            assert_eq!(course.end, Some(End { stop: Stop::Regret, loss: Some(0.4) }));
            break;
        };
        made.insert(next);
        whole.push((course, made.clone()));
    }
    assert_eq!(made.len(), 10 + 10 + 3);
    // More than was asked for changes nothing: each look sees its own seeds.
    let course = follow(&three, |_, _| true, see);
    assert_eq!(seeds(&course), [10, 10, 3]);
    for (course, made) in whole {
        let before = follow(&three, |arm, seed| made.contains(&(arm, seed)), see);
        assert!(before.look >= course.look && before.look <= course.look + 1);
    }
}
