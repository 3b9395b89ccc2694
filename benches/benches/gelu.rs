//! The activation of the feed-forward part: GELU in both forms, and ReLU as the bound that memory sets. Throughput: bytes
//! read and written: forward x and y, backward twice x and twice d.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mtlift_benches::{cases, config, values};
use mtlift_nn::Activation;

fn activations(c: &mut Criterion) {
    let mut group = c.benchmark_group("activation");
    for (shape, lengths, case) in cases() {
        let len = lengths.total() * shape.feed_forward;
        // Three standard deviations of what the layer before gives.
        let x: Vec<f32> = values("x", len).into_iter().map(|x| 3.0 * x).collect();
        let (dy, mut y) = (values("dy", len), vec![0.0; len]);
        let named =
            [("gelu", Activation::Gelu), ("gelu_tanh", Activation::GeluTanh), ("relu", Activation::Relu)];
        for (name, activation) in named {
            group.throughput(Throughput::Bytes(2 * size_of_val(&x[..]) as u64));
            group.bench_function(BenchmarkId::new(format!("{name}-forward"), &case), |b| {
                b.iter(|| activation.forward(black_box(&x), &mut y));
            });
            group.throughput(Throughput::Bytes(4 * size_of_val(&x[..]) as u64));
            group.bench_function(BenchmarkId::new(format!("{name}-backward"), &case), |b| {
                let fresh = || (x.clone(), dy.clone());
                b.iter_batched_ref(fresh, |(x, d)| activation.backward(x, d), BatchSize::PerIteration);
            });
        }
    }
}

criterion_group!(name = benches; config = config(); targets = activations);
criterion_main!(benches);
