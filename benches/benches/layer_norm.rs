//! Layer normalisation, spread over the sequences as the encoder does it. Throughput: bytes read and written if each
//! operand is walked once: forward x and y, backward x and twice d.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mtlift_benches::{cases, config, parameters, values};
use mtlift_nn::{LayerNorm, Layout, PerSequence, Segments, for_each_sequence};

fn layer_norm(c: &mut Criterion) {
    let mut group = c.benchmark_group("layer_norm");
    for (shape, lengths, case) in cases() {
        let (width, offsets) = (shape.hidden, lengths.offsets());
        let (sequences, len) = (lengths.tokens.len(), lengths.total() * width);
        let mut layout = Layout::default();
        let norm = LayerNorm::new(&mut layout, "LayerNorm", width, 1e-12);
        let params = parameters(&layout);
        let (x, dy) = (values("x", len), values("dy", len));
        let (mut y, mut statistics) = (vec![0.0; len], vec![0.0; 2 * lengths.total()]);
        let rows = |b: usize| offsets[b] * width..offsets[b + 1] * width;

        group.throughput(Throughput::Bytes(2 * size_of_val(&x[..]) as u64));
        group.bench_function(BenchmarkId::new("forward", &case), |b| {
            b.iter(|| {
                let outputs =
                    (Segments::new(&mut y, &offsets, width), Segments::new(&mut statistics, &offsets, 2));
                for_each_sequence(sequences, outputs, |b, (y, statistics)| {
                    norm.forward(&params, black_box(&x[rows(b)]), y.first(), statistics.first());
                });
            });
        });

        // The statistics are given here too: a filter may have left forward out.
        norm.forward(&params, &x, &mut y, &mut statistics);
        let mut partial = vec![0.0; sequences * 2 * width];
        group.throughput(Throughput::Bytes(3 * size_of_val(&x[..]) as u64));
        group.bench_function(BenchmarkId::new("backward", &case), |b| {
            let backward = |d: &mut Vec<f32>| {
                let outputs = (Segments::new(d, &offsets, width), PerSequence::new(&mut partial, 2 * width));
                for_each_sequence(sequences, outputs, |b, (d, partial)| {
                    let statistics = &statistics[2 * offsets[b]..2 * offsets[b + 1]];
                    norm.backward(&params, black_box(&x[rows(b)]), statistics, d.first(), partial.first());
                });
            };
            b.iter_batched_ref(|| dy.clone(), backward, BatchSize::PerIteration);
        });
    }
}

criterion_group!(name = benches; config = config(); targets = layer_norm);
criterion_main!(benches);
