//! Attention over packed rows, without its projections: forward as in evaluation, forward and backward as in training.
//! Throughput: floating-point operations of the products alone, so that softmax and dropout show as lost speed.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mtlift_benches::{attention_flops, cases, config, values};
use mtlift_nn::random::Stream;
use mtlift_nn::{Attention, AttentionCache, AttentionScratch, Buffer, Dropout, DropoutStep, Spans};
use ndarray::Array2;

fn attention(c: &mut Criterion) {
    let mut group = c.benchmark_group("attention-flop");
    for (shape, lengths, case) in cases() {
        let (tokens, hidden, offsets) = (lengths.total(), shape.hidden, lengths.offsets());
        let matrix = |name: &str, columns: usize| {
            Array2::from_shape_vec((tokens, columns), values(name, tokens * columns)).expect("as many values")
        };
        let (qkv, dcontext) = (matrix("qkv", 3 * hidden), matrix("dcontext", hidden));
        let attention = Attention::new(shape.heads, hidden / shape.heads, Dropout::new(0.1), 0);
        let keys: Vec<u64> = (0..lengths.tokens.len() as u64).collect();
        let training = DropoutStep::new(Stream::new(42, "dropout"), 0, &keys);
        let (mut cache, mut scratch) = (AttentionCache::default(), AttentionScratch::default());
        let (mut context, mut dqkv) = (Buffer::new(), Buffer::new());
        let spans = Spans::of_all(&offsets);
        let flops = attention_flops(shape, lengths);

        let mut forward = |step: Option<DropoutStep<'_>>, cache: &mut AttentionCache<f32>| {
            attention.forward(black_box(qkv.view()), spans, step, cache, &mut scratch, &mut context);
        };
        group.throughput(Throughput::Elements(flops));
        for (name, step) in [("forward-evaluation", None), ("forward-training", Some(training))] {
            group.bench_function(BenchmarkId::new(name, &case), |b| b.iter(|| forward(step, &mut cache)));
        }

        forward(Some(training), &mut cache);
        group.throughput(Throughput::Elements(2 * flops));
        group.bench_function(BenchmarkId::new("backward-training", &case), |b| {
            b.iter(|| {
                let (qkv, dcontext) = (black_box(qkv.view()), dcontext.view());
                attention.backward(qkv, spans, Some(training), &cache, &mut scratch, dcontext, &mut dqkv);
            });
        });
    }
}

criterion_group!(name = benches; config = config(); targets = attention);
criterion_main!(benches);
