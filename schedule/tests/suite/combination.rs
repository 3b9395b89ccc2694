//! Rules that weigh gradients: computed from inner products they are what they are in vectors.

mod fixtures;
mod goldens;
mod libmtl;
mod losses;
mod names;
mod steps;
mod toy;

use mtlift_schedule::{TaskGradients, Weighs};
use proptest::prelude::*;

use steps::{Vectors, combined, dot, near, rule, seed, three};

/// PCGrad as algorithm 1 of Yu et al. (2020) has it, in vectors; every order of projections that there is, by its sum.
fn pcgrad_in_every_order(gradients: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![0.0; gradients[0].len()]];
    for (i, own) in gradients.iter().enumerate() {
        let others: Vec<usize> = (0..gradients.len()).filter(|&j| j != i).collect();
        let projected: Vec<Vec<f64>> = orders(&others)
            .iter()
            .map(|order| {
                let mut g = own.clone();
                for &j in order {
                    let product = dot(&g, &gradients[j]);
                    if product < 0.0 {
                        let scale = product / dot(&gradients[j], &gradients[j]);
                        g.iter_mut().zip(&gradients[j]).for_each(|(g, other)| *g -= scale * other);
                    }
                }
                g
            })
            .collect();
        let add = |sum: &Vec<f64>| {
            projected
                .iter()
                .map(|g| sum.iter().zip(g).map(|(a, b)| a + b).collect())
                .collect::<Vec<Vec<f64>>>()
        };
        sums = sums.iter().flat_map(add).collect();
    }
    sums
}

fn orders(items: &[usize]) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let first = |&first: &usize| {
        let rest: Vec<usize> = items.iter().copied().filter(|&item| item != first).collect();
        orders(&rest).into_iter().map(|order| [vec![first], order].concat()).collect::<Vec<_>>()
    };
    items.iter().flat_map(first).collect()
}

/// The sum of the projections in the order of the tasks, computed in vectors with NumPy. Some draw has that order.
#[test]
fn pcgrad_of_three_gradients_is_the_worked_value() {
    let worked =
        [-0.511_904_761_904_762, 2.214_285_714_285_714_5, 4.023_809_523_809_524, -0.297_619_047_619_047_6];
    let vectors = three();
    let found = (0..200).map(|random| combined("pcgrad", &vectors, Vec::new(), random).0);
    assert!(found.into_iter().any(|sum| near(&sum, &worked, 1e-12)));
}

/// With no history the vaccine is PCGrad, and the history is half of the cosines met.
#[test]
fn gradvac_starts_as_pcgrad_and_remembers_cosines() {
    let vectors = three();
    let start = rule("gradvac").state(3);
    assert_eq!(start, [0.0; 9]);
    for random in 0..20 {
        let (sum, state) = combined("gradvac", &vectors, start.clone(), random);
        let (pcgrad, _) = combined("pcgrad", &vectors, Vec::new(), random);
        assert!(near(&sum, &pcgrad, 1e-12), "{sum:?} {pcgrad:?}");
        // Whichever comes first for task 0 meets its unchanged gradient.
        let half = |j: usize| {
            let gram = vectors.gram();
            0.5 * gram.at(0, j) / (gram.at(0, 0) * gram.at(j, j)).sqrt()
        };
        assert!([1, 2].iter().any(|&j| (state[j] - half(j)).abs() < 1e-12), "{state:?}");
    }
}

/// Two gradients are as alike as they were on average, where they would be less.
#[test]
fn gradvac_makes_the_cosine_the_wanted_one() {
    let vectors = Vectors::new(&[vec![1.0, 0.3], vec![-0.2, 2.0]]);
    let wanted = 0.6;
    let state = vec![0.0, wanted, -1.0, 0.0];
    let mut after = state.clone();
    let rule = rule("gradvac");
    let coefficients = rule.coefficients(&vectors, &mut after, &mut seed(1));
    // The second task's own history wants nothing: what is beside its gradient is the first one's, changed.
    let first = vectors.sum(&[coefficients[0], coefficients[1] - 1.0]);
    let second = &vectors.gradients[1];
    let cosine = dot(&first, second) / (dot(&first, &first) * dot(second, second)).sqrt();
    assert!((cosine - wanted).abs() < 1e-12, "{cosine}");
    let before = dot(&vectors.gradients[0], second)
        / (dot(&vectors.gradients[0], &vectors.gradients[0]) * dot(second, second)).sqrt();
    assert!((after[1] - 0.5 * (wanted + before)).abs() < 1e-12);
}

/// Parallel gradients for ever, then a conflict: the wanted cosine is 1, which no multiple reaches.
#[test]
fn gradvac_stays_finite_after_parallel_gradients() {
    let vectors = Vectors::new(&[vec![1.0, 0.0], vec![-1.0, 0.5]]);
    let (sum, _) = combined("gradvac", &vectors, vec![1.0; 4], 3);
    assert!(sum.iter().all(|x| x.is_finite()), "{sum:?}");
}

#[test]
fn a_task_without_gradient_is_left_alone() {
    let vectors = Vectors::new(&[vec![1.0, -2.0], vec![0.0, 0.0]]);
    for combine in ["pcgrad", "gradvac"] {
        let (sum, _) = combined(combine, &vectors, vec![0.0; 4], 1);
        assert_eq!(sum, [1.0, -2.0], "{combine}");
    }
}

/// The gradient of the logarithm of a loss; a loss of 0 has a large weight and not an infinite one.
#[test]
fn scale_invariant_divides_by_the_loss() {
    let rule = rule("scale-invariant");
    assert_eq!(rule.coefficients(&three(), &mut [], &mut seed(1)), [1e8, 2.0, 1.0]);
    assert_eq!(rule.weighs(), Weighs::Losses);
}

prop_compose! {
    fn any_gradients()(tasks in 2..5_usize, width in 1..6_usize)(
        gradients in prop::collection::vec(prop::collection::vec(-3.0..3.0_f64, width), tasks)
    ) -> Vec<Vec<f64>> {
        gradients
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn pcgrad_from_inner_products_is_pcgrad_in_vectors(gradients in any_gradients(), random: u64) {
        let vectors = Vectors::new(&gradients);
        let (sum, _) = combined("pcgrad", &vectors, Vec::new(), random);
        let every = pcgrad_in_every_order(&gradients);
        prop_assert!(every.iter().any(|plain| near(&sum, plain, 1e-9)), "{sum:?}");
    }

    #[test]
    fn gradients_that_agree_are_added(gradients in any_gradients(), random: u64) {
        let positive: Vec<Vec<f64>> =
            gradients.iter().map(|g| g.iter().map(|x| x.abs()).collect()).collect();
        let vectors = Vectors::new(&positive);
        let (sum, _) = combined("pcgrad", &vectors, Vec::new(), random);
        prop_assert_eq!(sum, vectors.sum(&vec![1.0; positive.len()]));
    }
}
