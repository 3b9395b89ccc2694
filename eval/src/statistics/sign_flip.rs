//! The exact sign-flip test of paired differences. All patterns are counted, none sampled: with the seeds that runs
//! have, that is cheap and needs no generator.

/// More patterns than `2^20` would take seconds; with that many seeds the t is as good.
const MOST: usize = 20;

/// Two-sided p of Fisher's randomisation test: the share of the `2^S` sign patterns whose sum is at least as far from 0
/// as the one observed (that one included, hence never below `2^(1 - S)`). `None` for fewer than 2 or more than 20.
pub(crate) fn sign_flip(differences: &[f64]) -> Option<f64> {
    if !(2..=MOST).contains(&differences.len()) {
        return None;
    }
    let observed = differences.iter().sum::<f64>().abs();
    // Equal sums of other signs differ by rounding.
    let least = observed - 1e-12 * differences.iter().map(|x| x.abs()).sum::<f64>();
    // A pattern and its opposite are equally far: the first sign stays.
    let patterns = 1_u32 << (differences.len() - 1);
    let signed = |pattern: u32, (seed, &x): (usize, &f64)| if pattern >> seed & 1 == 1 { -x } else { x };
    let sum = |pattern| differences.iter().enumerate().map(|term| signed(pattern, term)).sum::<f64>();
    let as_far = (0..patterns).filter(|&pattern| sum(pattern).abs() >= least).count();
    Some(as_far as f64 / f64::from(patterns))
}

#[cfg(test)]
mod tests {
    use super::sign_flip;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Golden {
        sign_flips: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        differences: Vec<f64>,
        p: f64,
    }

    #[test]
    fn sign_flips_agree_with_scipy() {
        let golden: Golden =
            serde_json::from_str(include_str!("../../tests/golden/statistics.json")).unwrap();
        for case in golden.sign_flips {
            assert_eq!(sign_flip(&case.differences), Some(case.p), "{:?}", case.differences);
        }
    }

    #[test]
    fn one_seed_cannot_flip_and_five_agreeing_ones_reach_a_sixteenth() {
        assert_eq!(sign_flip(&[1.0]), None);
        assert_eq!(sign_flip(&[1.0; 21]), None);
        assert_eq!(sign_flip(&[0.1; 5]), Some(0.0625));
        assert_eq!(sign_flip(&[0.0; 20]), Some(1.0));
    }
}
