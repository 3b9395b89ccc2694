//! Every kernel has the same bits at every instruction set that the CPU has. The level is a switch of the whole process,
//! so this program has one test.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

use std::collections::BTreeMap;

use mtlift_nn::check::{random, random_store};
use mtlift_nn::random::Stream;
use mtlift_nn::simd::{Level, level, limit};
use mtlift_nn::{
    Activation, AdamW, AdamWConfig, Dropout, DropoutStep, Init, LayerNorm, Layout, Precision, add, gemm,
    gemm_in, softmax_backward_rows, softmax_rows, vocabulary_cross_entropy,
};
use ndarray::Array2;

/// Rows and columns that fill no register evenly.
const ROWS: usize = 7;
const WIDTH: usize = 101;

/// Values from −6 to 6, so that the exponentials leave their flat parts.
fn matrix(name: &str, rows: usize, columns: usize) -> Array2<f32> {
    random(name, &[rows, columns]).mapv(|x| 6.0 * x as f32)
}

fn values(name: &str) -> Vec<f32> {
    matrix(name, ROWS, WIDTH).into_raw_vec_and_offset().0
}

/// The bits that each kernel gives for fixed input.
fn results() -> BTreeMap<String, Vec<u32>> {
    let mut results = BTreeMap::new();
    let mut record = |name: &str, values: &[f32]| {
        let bits: Vec<u32> = values.iter().map(|x| x.to_bits()).collect();
        assert!(results.insert(name.to_owned(), bits).is_none(), "{name} twice");
    };

    // Deeper than a block of the inner dimension, once in the calling thread and once over several.
    for (name, m, k, n) in [("gemm", 13, 401, 37), ("gemm over threads", 150, 401, 67)] {
        let (a, b, mut c) = (matrix("a", m, k), matrix("b", k, n), matrix("c", m, n));
        gemm(a.view(), b.view(), Init::Accumulate, c.view_mut());
        let at = matrix("a", k, m);
        gemm(at.t(), b.view(), Init::Bias(&values("bias")[..n]), c.view_mut());
        record(name, c.as_slice().unwrap());
    }

    // Values of which one in two is below the least normal number when squared.
    let small = |name: &str, rows: usize, columns: usize| matrix(name, rows, columns) * 1e-20;
    for (name, of) in
        [("gemm in bf16", &matrix as &dyn Fn(&str, usize, usize) -> Array2<f32>), ("small", &small)]
    {
        let (a, b, mut c) = (of("a", 13, 801), of("b", 801, 37), matrix("c", 13, 37));
        gemm_in(Precision::Bf16, a.view(), b.view(), Init::Zero, c.view_mut());
        record(name, c.as_slice().unwrap());
    }

    let (a, b, mut c) = (matrix("a", 13, 801), matrix("b", 801, 37), matrix("c", 13, 37));
    gemm_in(Precision::Int8, a.view(), b.view(), Init::Accumulate, c.view_mut());
    record("gemm in int8", c.as_slice().unwrap());

    let mut sum = values("sum");
    add(&mut sum, &values("x"));
    record("add", &sum);

    let mut layout = Layout::default();
    let norm = LayerNorm::new(&mut layout, "norm", WIDTH, 1e-12);
    let params = random_store(&layout, "params");
    let (x, mut y, mut statistics) = (values("x"), values("y"), vec![0.0; 2 * ROWS]);
    norm.forward(&params, &x, &mut y, &mut statistics);
    record("layer norm", &y);
    let mut partial = vec![0.0; 2 * WIDTH];
    norm.backward(&params, &x, &statistics, &mut y, &mut partial);
    record("layer norm backward", &y);
    record("layer norm parameters", &partial);

    let (mut p, mut d) = (values("p"), values("d"));
    softmax_rows(&mut p, WIDTH, 0.3);
    record("softmax", &p);
    softmax_backward_rows(&p, &mut d, WIDTH, 0.3);
    record("softmax backward", &d);

    let mut logits = matrix("logits", ROWS, WIDTH);
    let loss = vocabulary_cross_entropy(logits.view_mut(), &[0, 100, 3, 50, 7, 7, 99], 0.2);
    record("cross-entropy over a vocabulary", &[loss as f32]);
    record("cross-entropy over a vocabulary backward", logits.as_slice().unwrap());

    use Activation::{Gelu, GeluTanh, Relu, Silu, Tanh};
    for activation in [Gelu, GeluTanh, Relu, Silu, Tanh] {
        let (mut x, mut y) = (values("x"), values("y"));
        activation.forward(&x, &mut y);
        record(&format!("{activation:?}"), &y);
        activation.backward(&mut x, &mut y);
        record(&format!("{activation:?} backward"), &y);
    }

    let mut x = values("x");
    let step = DropoutStep::new(Stream::new(1, "dropout"), 2, &[5]);
    Dropout::new(0.3).apply(Some(step), 4, 0, &mut x);
    record("dropout", &x);

    let mut layout = Layout::default();
    let weight = layout.matrix("weight", ROWS, WIDTH);
    let table = layout.table("table", ROWS, WIDTH);
    let (mut params, mut grads) = (random_store(&layout, "params"), layout.gradients());
    let (mut adam, mut norms) = (AdamW::new(AdamWConfig::default(), &layout), Vec::new());
    for _ in 0..3 {
        grads.mat_mut(weight).assign(&matrix("gradient", ROWS, WIDTH));
        grads.row_mut(table, 3).copy_from_slice(&values("row")[..WIDTH]);
        norms.push(grads.norm());
        adam.step(&mut params, &mut grads, 0.01, 0.7);
    }
    record("AdamW", params.values());
    let halves = norms.iter().flat_map(|norm| [norm.to_bits() as u32, (norm.to_bits() >> 32) as u32]);
    results.insert("norm of gradients".to_owned(), halves.collect());
    results
}

#[test]
fn levels_do_not_change_a_bit_of_a_kernel() {
    let (best, want) = (level(), results());
    for lower in [Level::Avx2, Level::Portable] {
        // Where the CPU does not have this level, the comparison is with the one below.
        let chosen = limit(lower);
        for (kernel, bits) in results() {
            assert!(bits == want[&kernel], "{kernel}: {} and {}", chosen.name(), best.name());
        }
    }
}
