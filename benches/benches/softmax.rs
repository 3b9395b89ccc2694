//! Softmax of attention scores: `N·length` rows of `length` values for each sequence, spread over the sequences.
//! Throughput: bytes read and written if each operand is walked once: forward twice x, backward p and twice d.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mtlift_benches::{cases, config, values};
use mtlift_nn::{Segments, for_each_sequence, softmax_backward_rows, softmax_rows};

fn softmax(c: &mut Criterion) {
    let mut group = c.benchmark_group("softmax");
    for (shape, lengths, case) in cases() {
        let (heads, squares, sequences) = (shape.heads, lengths.squares(), lengths.tokens.len());
        let scale = ((shape.hidden / heads) as f32).sqrt().recip();
        let len = heads * squares[sequences];
        let (scores, dp) = (values("scores", len), values("dp", len));
        let forward = |x: &mut Vec<f32>| {
            for_each_sequence(sequences, Segments::new(x, &squares, heads), |b, x| {
                softmax_rows(x.first(), lengths.tokens[b], scale);
            });
        };
        let mut probabilities = scores.clone();
        forward(&mut probabilities);

        group.throughput(Throughput::Bytes(2 * size_of_val(&scores[..]) as u64));
        group.bench_function(BenchmarkId::new("forward", &case), |b| {
            b.iter_batched_ref(|| scores.clone(), forward, BatchSize::PerIteration);
        });

        group.throughput(Throughput::Bytes(3 * size_of_val(&scores[..]) as u64));
        group.bench_function(BenchmarkId::new("backward", &case), |b| {
            let backward = |d: &mut Vec<f32>| {
                for_each_sequence(sequences, Segments::new(d, &squares, heads), |b, d| {
                    let p = &probabilities[heads * squares[b]..heads * squares[b + 1]];
                    softmax_backward_rows(p, d.first(), lengths.tokens[b], scale);
                });
            };
            b.iter_batched_ref(|| dp.clone(), backward, BatchSize::PerIteration);
        });
    }
}

criterion_group!(name = benches; config = config(); targets = softmax);
criterion_main!(benches);
