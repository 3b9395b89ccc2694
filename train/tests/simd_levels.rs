//! A whole step of a small model has the same bits at every instruction set that the CPU has. The level is a switch of the
//! whole process, so this program has one test.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

#[path = "suite/models.rs"]
mod models;

use mtlift_nn::simd::{Level, level, limit};
use mtlift_nn::{AdamWConfig, Precision};
use mtlift_train::Trainer;

use models::{Shape, TINY, all_rows, bits, masks, run};

/// The bits of logits, gradients and, after two steps, parameters.
fn results(shape: Shape) -> [Vec<u32>; 3] {
    let (network, params) = shape.network(&[3, 1]);
    let tasks = [shape.rows("classes", &[5, 19, 1], 3), shape.rows("values", &[2, 17], 1)];
    let rows = all_rows(&tasks);
    let pass = run(&network, &params, &tasks, &rows, 0.2);
    let mut trainer = Trainer::new(network, params, AdamWConfig::default(), Some(masks()), 1.0, 4);
    for _ in 0..2 {
        trainer.step(
            &tasks.each_ref().map(|task| task.training()),
            &rows,
            &[1.0 / rows.len() as f64; 2],
            1e-3,
        );
    }
    let logits: Vec<f32> = pass.logits.into_values().flatten().collect();
    [bits(&logits), bits(&pass.gradient), bits(trainer.params.values())]
}

#[test]
fn levels_do_not_change_a_bit_of_a_step() {
    let small = Shape { hidden: 36, heads: 2, feed_forward: 53, longest: 19, dropout: 0.1, ..TINY };
    let shapes = [
        small,
        Shape { family: "roberta", activation: "relu", ..small },
        Shape { family: "distilbert", activation: "silu", ..small },
        Shape { family: "electra", activation: "gelu_new", embedding: 21, ..small },
        Shape { precision: Precision::Bf16, ..small },
    ];
    let (best, want) = (level(), shapes.map(results));
    for lower in [Level::Avx2, Level::Portable] {
        // Where the CPU does not have this level, the comparison is with the one below.
        let chosen = limit(lower);
        for (shape, want) in shapes.into_iter().zip(&want) {
            assert!(results(shape) == *want, "{shape:?}: {} and {}", chosen.name(), best.name());
        }
    }
}
