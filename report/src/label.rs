//! What a person calls an arm. Estimates, verdict, tables and page have its name from here, so that an arm has one name.

use mtlift_eval::Strategy;
use mtlift_schedule::{Arm, ArmSpec, Sampler};

/// What an arm is called beside its target: `single`, `stilts from MNLI`, `mtl with MNLI at ratio 0.50`, `mtl-all (size)`.
/// `ratio` is given where a study cuts the support to several sizes, `sampler` where it mixes by several; only an arm with a
/// support has a ratio, and only one without has a sampler in its name.
pub fn arm_label(
    arm: impl Into<ArmSpec>,
    support: Option<&str>,
    ratio: Option<f64>,
    sampler: Option<Sampler>,
) -> String {
    let arm = arm.into();
    let ratio = ratio.map_or(String::new(), |ratio| format!(" at ratio {ratio:.2}"));
    match (arm.shape, support, sampler) {
        (Arm::Stilts, Some(support), _) => format!("{arm} from {support}{ratio}"),
        (_, Some(support), _) => format!("{arm} with {support}{ratio}"),
        (_, None, Some(sampler)) => format!("{arm} ({sampler})"),
        (_, None, None) => arm.to_string(),
    }
}

/// The arm that uses a support as a strategy says.
pub fn arm_of(strategy: Strategy) -> Arm {
    match strategy {
        Strategy::Stilts => Arm::Stilts,
        Strategy::Mtl => Arm::Mtl,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arm_is_called_by_what_sets_it_apart() {
        let (support, size) = (Some("MNLI"), Some(Sampler::Size));
        for (label, expected) in [
            (arm_label(Arm::Single, None, None, None), "single"),
            (arm_label(Arm::Stilts, support, None, None), "stilts from MNLI"),
            (arm_label(Arm::Stilts, support, Some(0.5), None), "stilts from MNLI at ratio 0.50"),
            (arm_label(Arm::Mtl, support, None, size), "mtl with MNLI"),
            (arm_label(Arm::MtlThenTarget, support, None, size), "mtl-then-target with MNLI"),
            (arm_label(Arm::MtlAll, None, None, size), "mtl-all (size)"),
            (arm_label(Arm::MtlAll, None, None, None), "mtl-all"),
            (
                arm_label("mtl:nash".parse::<ArmSpec>().expect("an arm"), support, None, size),
                "mtl:nash with MNLI",
            ),
        ] {
            assert_eq!(label, expected);
        }
    }
}
