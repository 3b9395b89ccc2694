//! Lookup in the word table: forward spread over the sequences as the encoder does it, backward on one thread as it is.
//! Throughput: bytes read and written: the table's rows, and the sum's (forward) or the gradient's (backward) twice.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mtlift_benches::{cases, config, encoded, parameters, values};
use mtlift_nn::{Embedding, Layout, Segments, for_each_sequence};

fn embedding(c: &mut Criterion) {
    let mut group = c.benchmark_group("embedding");
    for (shape, lengths, case) in cases() {
        let (width, rows) = (shape.hidden, encoded(lengths, shape.vocabulary));
        let mut layout = Layout::default();
        let words = Embedding::new(&mut layout, "words", shape.vocabulary, width);
        let (params, mut grads) = (parameters(&layout), layout.gradients());
        let dy = values("dy", lengths.total() * width);
        let mut y = vec![0.0; dy.len()];
        group.throughput(Throughput::Bytes(3 * size_of_val(&dy[..]) as u64));
        group.bench_function(BenchmarkId::new("forward", &case), |b| {
            b.iter(|| {
                let outputs = Segments::new(&mut y, &rows.offsets, width);
                for_each_sequence(rows.rows(), outputs, |b, y| {
                    let y = y.first();
                    y.fill(0.0);
                    words.forward(&params, black_box(&rows.ids[rows.range(b)]).iter().copied(), y);
                });
            });
        });
        group.bench_function(BenchmarkId::new("backward", &case), |b| {
            b.iter(|| words.backward(&mut grads, black_box(&rows.ids).iter().copied(), &dy));
        });
    }
}

criterion_group!(name = benches; config = config(); targets = embedding);
criterion_main!(benches);
