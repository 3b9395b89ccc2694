//! The products of a block's linear layers: forward with bias, and both gradients, in either precision. Throughput: floating-point
//! operations.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mtlift_benches::{cases, config, values};
use mtlift_nn::{Init, Precision, gemm_in};
use ndarray::Array2;

fn matrix(name: &str, rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_vec((rows, columns), values(name, rows * columns)).expect("as many values as that")
}

fn products(c: &mut Criterion) {
    for (group, precision) in [("gemm-flop", Precision::Float32), ("gemm-bf16-flop", Precision::Bf16)] {
        if precision.is_fast() {
            products_in(precision, c.benchmark_group(group));
        }
    }
}

fn products_in(precision: Precision, mut group: BenchmarkGroup<'_, WallTime>) {
    for (shape, lengths, case) in cases() {
        let (tokens, hidden, wide) = (lengths.total(), shape.hidden, shape.feed_forward);
        let layers = [("qkv", hidden, 3 * hidden), ("expand", hidden, wide), ("contract", wide, hidden)];
        for (layer, inputs, outputs) in layers {
            let (x, dy) = (matrix("x", tokens, inputs), matrix("dy", tokens, outputs));
            let (weight, bias) = (matrix("weight", outputs, inputs), values("bias", outputs));
            // y = x·Wᵀ + b, dx = dy·W, dW += dyᵀ·x
            let directions = [
                ("forward", x.view(), weight.t(), Init::Bias(&bias)),
                ("dinput", dy.view(), weight.view(), Init::Zero),
                ("dweight", dy.t(), x.view(), Init::Accumulate),
            ];
            group.throughput(Throughput::Elements(2 * (tokens * inputs * outputs) as u64));
            for (direction, left, right, init) in directions {
                let mut product = Array2::zeros((left.nrows(), right.ncols()));
                group.bench_function(BenchmarkId::new(format!("{layer}-{direction}"), &case), |b| {
                    b.iter(|| {
                        gemm_in(precision, black_box(left), black_box(right), init, product.view_mut())
                    });
                });
            }
        }
    }
}

criterion_group!(name = benches; config = config(); targets = products);
criterion_main!(benches);
