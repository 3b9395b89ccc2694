//! Aligned-MTL: gradients are replaced by the nearest ones that are orthogonal and of one length, that of their least singular
//! value, and added (Senushkin et al. 2023, "Independent Component Alignment for Multi-Task Learning", algorithm 1). Of
//! `GᵀG = V Λ Vᵀ` the coefficients are `√λ_min · V Λ^(-1/2) Vᵀ 1`, over the eigenvalues that are not 0. TorchJD takes the mean of
//! the aligned gradients, this file their sum.

use rand::RngCore;

use super::eigen::Eigen;
use super::rule::{Combination, Rule, TaskGradients, Weighs};
use crate::about::About;

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "aligned-mtl",
        summary: "makes the gradients orthogonal and of one length, then adds them",
        source: "Senushkin et al., CVPR 2023",
        explanation: "Aligned-MTL rotates and scales the tasks' gradients as little as makes them orthogonal and equally long, so that \
                      they neither conflict nor dominate. The common length is that of the least singular value: where gradients \
                      nearly depend on each other, the step is short.",
        parameters: &[],
        passes: 1.0,
    },
    weighs: Weighs::Gradients,
    make: Some(|_| Box::new(AlignedMtl)),
};

/// The rule; it keeps no state.
struct AlignedMtl;

impl Combination for AlignedMtl {
    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        let gram = step.gram();
        let eigen = Eigen::of(&gram);
        let least = eigen.0.iter().map(|(value, _)| *value).fold(f64::INFINITY, f64::min);
        eigen.apply(|value| (least / value).sqrt(), &vec![1.0; gram.size()])
    }
}
