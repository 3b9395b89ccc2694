//! Arms are lists of phases: the tables below, and the same after a file.

use mtlift_schedule::{
    Arm, BatchKind, Duration, Exposure, HeadStart, Mix, Objective, Pace, Phase, PhaseDefaults, Sampler, Shape,
};

pub(crate) const PACE: Pace = Pace {
    duration: Duration::Epochs(10),
    min_steps: 0,
    learning_rate: 2e-5,
    shape: Shape::Linear,
    warmup: 0.06,
};

const DEFAULTS: PhaseDefaults = PhaseDefaults {
    mix: Mix {
        sampler: Sampler::Dynamic,
        batches: BatchKind::ForcedHeterogeneous,
        exposure: Exposure::Truncating,
    },
    pace: PACE,
    support_pace: Pace { duration: Duration::Steps(500), ..PACE },
    text_pace: Pace { duration: Duration::Epochs(3), learning_rate: 1e-4, ..PACE },
    most_steps: 900,
    after_support: HeadStart::SharedByCount,
};

/// The phases' tasks and heads, of target 2 and support 0 in a study of four.
fn outline(arm: Arm) -> Vec<(Vec<usize>, HeadStart)> {
    let phases = arm.phases(2, Some(0), 4, &DEFAULTS).unwrap();
    phases.into_iter().map(|phase| (phase.tasks, phase.heads)).collect()
}

#[test]
fn each_arm_is_its_phases() {
    assert_eq!(outline(Arm::Single), [(vec![2], HeadStart::Fresh)]);
    assert_eq!(outline(Arm::SingleSteps), outline(Arm::Single));
    assert_eq!(outline(Arm::Distill), vec![(vec![2], HeadStart::Fresh); 4]);
    assert_eq!(outline(Arm::Stilts), [(vec![0], HeadStart::Fresh), (vec![2], HeadStart::SharedByCount)]);
    assert_eq!(outline(Arm::Mtl), [(vec![2, 0], HeadStart::Fresh)]);
    assert_eq!(outline(Arm::MtlAll), [(vec![2, 0, 1, 3], HeadStart::Fresh)]);
    assert_eq!(outline(Arm::Merge), [(vec![2], HeadStart::Fresh), (vec![0], HeadStart::Fresh)]);
    assert_eq!(outline(Arm::MergeThenTarget)[..2], outline(Arm::Merge));
    assert_eq!(outline(Arm::MergeThenTarget)[2..], [(vec![2], HeadStart::Kept)]);
    assert_eq!(outline(Arm::Adapt), vec![(vec![2], HeadStart::Fresh); 2]);
    assert_eq!(outline(Arm::Soup), vec![(vec![2], HeadStart::Fresh); 3]);
    assert_eq!(outline(Arm::SelfTrain), vec![(vec![2], HeadStart::Fresh); 2]);
    assert_eq!(outline(Arm::SelfTrainSupport), outline(Arm::SelfTrain));
    assert_eq!(outline(Arm::SelfTrainInfill), outline(Arm::SelfTrain));
    assert_eq!(outline(Arm::MtlThenTarget), [(vec![2, 0], HeadStart::Fresh), (vec![2], HeadStart::Kept)]);
}

/// An arm that uses a support is none without it, and the others do not look at it.
#[test]
fn a_support_is_needed_where_it_is_used() {
    for arm in Arm::ALL {
        let without = arm.phases(2, None, 4, &DEFAULTS);
        assert_eq!(without.is_err(), arm.needs_support(), "{arm}");
        if let Ok(phases) = without {
            assert_eq!(Ok(phases), arm.phases(2, Some(0), 4, &DEFAULTS), "{arm}");
        }
    }
}

/// A phase of one task shows all of it, in the plain shuffle, even if the mix would truncate; and it needs no
/// scores.
#[test]
fn the_mix_is_for_phases_that_mix() {
    let plain =
        Mix { sampler: Sampler::Size, batches: BatchKind::Heterogeneous, exposure: Exposure::TargetFull };
    for phase in Arm::ALL.into_iter().flat_map(|arm| arm.phases(2, Some(0), 4, &DEFAULTS).unwrap()) {
        assert_eq!(phase.mix, if phase.tasks.len() == 1 { plain } else { DEFAULTS.mix });
    }
}

/// An arm learns labels, and one of them its target's texts before that.
#[test]
fn labels_are_learnt_in_the_last_phase_of_every_arm() {
    for arm in Arm::ALL {
        let phases = arm.phases(2, Some(0), 4, &DEFAULTS).unwrap();
        let (last, before) = phases.split_last().unwrap();
        assert_eq!(last.objective, Objective::Labels);
        let on_texts = before.iter().filter(|phase| phase.objective == Objective::MaskedTokens).count();
        assert_eq!(on_texts, usize::from(arm == Arm::Adapt), "{arm}");
    }
}

/// The support on its own, and texts without labels, have a pace of their own before the target, but not where two runs on one task each are merged; the target has the
/// same in every arm but the one that trains as long as the longest.
#[test]
fn only_a_phase_on_the_support_alone_has_a_pace_of_its_own() {
    let (longest, others): (Vec<Arm>, Vec<Arm>) =
        Arm::ALL.into_iter().partition(|arm| *arm == Arm::SingleSteps);
    let phases =
        |arms: Vec<Arm>| arms.into_iter().flat_map(|arm| arm.phases(2, Some(0), 4, &DEFAULTS).unwrap());
    assert!(phases(longest).all(|phase| phase.pace == Pace { duration: Duration::Steps(900), ..PACE }));
    let (merged, others): (Vec<Arm>, Vec<Arm>) = others.into_iter().partition(|arm| arm.merges());
    assert!(phases(merged).all(|phase| phase.pace == DEFAULTS.pace));
    for phase in phases(others) {
        let expected = match (phase.objective, &phase.tasks[..]) {
            (Objective::MaskedTokens, _) => DEFAULTS.text_pace,
            (Objective::Labels, [0]) => DEFAULTS.support_pace,
            _ => DEFAULTS.pace,
        };
        assert_eq!(phase.pace, expected, "{:?}", phase.tasks);
    }
}

#[test]
fn a_phase_is_the_same_from_a_file() {
    let phase = Phase {
        tasks: vec![1, 0],
        mix: DEFAULTS.mix,
        pace: DEFAULTS.support_pace,
        heads: HeadStart::MappedByName,
        objective: Objective::MaskedTokens,
    };
    let json = concat!(
        r#"{"tasks":[1,0],"mix":{"sampler":"dynamic","batches":"forced-heterogeneous","exposure":"truncating"},"#,
        r#""pace":{"duration":{"steps":500},"learning_rate":0.00002,"shape":"linear","warmup":0.06},"#,
        r#""heads":"mapped-by-name","objective":"masked-tokens"}"#,
    );
    assert_eq!(serde_json::from_str::<Phase>(json).unwrap(), phase);
    assert_eq!(serde_json::from_str::<Phase>(&serde_json::to_string(&phase).unwrap()).unwrap(), phase);
}
