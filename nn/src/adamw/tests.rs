//! The optimiser against its plain twin, restored, and with frozen parameters.

use super::*;
use crate::check::random_store;

fn layout() -> (Layout, crate::Table) {
    let mut layout = Layout::default();
    layout.matrix("dense", 3, 5);
    let table = layout.table("table", 6, 4);
    layout.vector("bias", 7);
    (layout, table)
}

/// The plain twin: the update of every value, whether touched or not, in f64 as PyTorch writes it.
#[test]
fn steps_equal_the_dense_plain_twin() {
    let (layout, table) = layout();
    let config = AdamWConfig::default();
    let mut params = random_store::<f64>(&layout, "params");
    let mut want: Vec<f64> = params.values().to_vec();
    let (mut m, mut v) = (vec![0.0; layout.len()], vec![0.0; layout.len()]);
    let mut adam = AdamW::new(config, &layout);
    let mut grads = layout.gradients();
    for step in 1..=4 {
        let drawn = random_store::<f64>(&layout, &format!("grads{step}"));
        for entry in layout.entries().iter().filter(|entry| entry.name != "table") {
            grads.take().0[entry.range.clone()].copy_from_slice(&drawn.values()[entry.range.clone()]);
        }
        let row = [1, 4, 1, 2][step - 1];
        grads.row_mut(table, row).copy_from_slice(drawn.row(table.mat(), row));
        let norm = grads.store().values().iter().map(|g| g * g).sum::<f64>().sqrt();
        assert!((grads.norm() - norm).abs() < 1e-12);
        let g = grads.store().values().to_vec();
        let (lr, clip) = (0.01 * step as f64, 0.5);
        adam.step(&mut params, &mut grads, lr, clip);
        for entry in layout.entries() {
            for i in entry.range.clone() {
                let decay = if entry.decays { 0.01 } else { 0.0 };
                let g = g[i] * clip;
                want[i] *= 1.0 - lr * decay;
                m[i] = 0.9 * m[i] + 0.1 * g;
                v[i] = 0.999 * v[i] + 0.001 * g * g;
                let (c1, c2) = (1.0 - 0.9f64.powi(step as i32), 1.0 - 0.999f64.powi(step as i32));
                want[i] -= lr / c1 * m[i] / (v[i].sqrt() / c2.sqrt() + 1e-8);
                assert!((params.values()[i] - want[i]).abs() < 1e-12, "{} {i} at step {step}", entry.name);
            }
        }
        assert!(grads.store().values().iter().all(|&g| g == 0.0), "gradients are cleared");
    }
}

#[test]
fn a_frozen_parameter_keeps_its_bits_and_has_no_part_in_the_norm() {
    let (mut layout, table) = layout();
    layout.freeze(|entry| entry.name == "dense" || entry.name == "table");
    let mut params = random_store::<f32>(&layout, "params");
    let before = params.clone();
    let mut adam = AdamW::new(AdamWConfig::default(), &layout);
    let mut grads = layout.gradients();
    grads.take().0.fill(2.0);
    grads.row_mut(table, 3).fill(2.0);
    assert!((grads.norm() - 28f64.sqrt()).abs() < 1e-12, "seven biases train");
    adam.step(&mut params, &mut grads, 0.1, 1.0);
    for entry in layout.entries() {
        let same = params.values()[entry.range.clone()] == before.values()[entry.range.clone()];
        assert_eq!(same, entry.name != "bias", "{}", entry.name);
    }
    let (_, mean, square) = adam.state();
    assert_eq!(mean.values().iter().chain(square.values()).filter(|&&x| x != 0.0).count(), 14);
    assert!(grads.store().values().iter().all(|&g| g == 0.0), "gradients are cleared");
}

#[test]
fn restored_state_goes_on_with_the_same_bits() {
    let (layout, table) = layout();
    let mut grads = layout.gradients::<f32>();
    let mut advance = |adam: &mut AdamW<f32>, params: &mut Store<f32>, steps: std::ops::Range<usize>| {
        for step in steps {
            grads.row_mut(table, step % 6).fill(step as f32);
            adam.step(params, &mut grads, 0.1, 1.0);
        }
    };
    let (mut one, mut params) = (AdamW::new(AdamWConfig::default(), &layout), random_store(&layout, "p"));
    advance(&mut one, &mut params, 1..4);
    let (steps, mean, square) = one.state();
    let mut other = AdamW::new(AdamWConfig::default(), &layout);
    let read = |m: &mut Store<f32>, v: &mut Store<f32>| {
        m.clone_from(mean);
        v.clone_from(square);
        Ok::<(), ()>(())
    };
    other.restore(steps, read).unwrap();
    let mut again = params.clone();
    advance(&mut one, &mut params, 4..8);
    advance(&mut other, &mut again, 4..8);
    assert_eq!(params, again);
}
