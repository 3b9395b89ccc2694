//! One step of AdamW over the word table and the blocks' matrices; biases are too few to be seen. Throughput: bytes read and
//! written: 32 for each value with moments (four stores, both ways), 8 for each value of a row that no token has touched.

use std::collections::BTreeSet;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mtlift_benches::{cases, config, encoded, parameters, values};
use mtlift_nn::{AdamW, AdamWConfig, Layout};

fn adamw(c: &mut Criterion) {
    let mut group = c.benchmark_group("adamw");
    for (shape, lengths, case) in cases() {
        let (hidden, wide) = (shape.hidden, shape.feed_forward);
        let mut layout = Layout::default();
        let words = layout.table("words", shape.vocabulary, hidden);
        let sizes = [("attention", 4 * hidden, hidden), ("expand", wide, hidden), ("contract", hidden, wide)];
        let matrices: Vec<_> = (0..shape.layers)
            .flat_map(|layer| sizes.map(|(name, rows, columns)| (format!("{layer}.{name}"), rows, columns)))
            .map(|(name, rows, columns)| layout.matrix(name, rows, columns))
            .collect();

        let touched: BTreeSet<u32> = encoded(lengths, shape.vocabulary).ids.into_iter().collect();
        let mut grads = layout.gradients();
        let row = values("row", hidden);
        touched.iter().for_each(|&id| grads.row_mut(words, id as usize).copy_from_slice(&row));
        for &matrix in &matrices {
            grads.mat_mut(matrix).iter_mut().zip(row.iter().cycle()).for_each(|(g, &value)| *g = value);
        }
        let mut params = parameters(&layout);
        let mut optimizer = AdamW::new(AdamWConfig::default(), &layout);

        let untouched = (shape.vocabulary - touched.len()) * hidden;
        let bytes = 32 * (layout.len() - untouched) + 8 * untouched;
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::new("step", &case), |b| {
            // A step clears the gradients. Without fresh ones the moments would sink to denormal numbers, which are slow.
            b.iter_batched_ref(
                || grads.clone(),
                |grads| optimizer.step(&mut params, grads, 1e-7, 1.0),
                BatchSize::PerIteration,
            );
        });
    }
}

criterion_group!(name = benches; config = config(); targets = adamw);
criterion_main!(benches);
