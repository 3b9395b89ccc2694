//! Packing the batches of an epoch in shuffled order, 32 rows each, into the one batch that a trainer reuses. Throughput:
//! bytes read and written: an id and a segment for each token.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mtlift_benches::{LENGTHS, config, encoded};
use mtlift_glue_data::Target;
use mtlift_nn::random::Stream;
use mtlift_schedule::{Mix, Mixture};
use mtlift_tokenizer::Encoded;
use mtlift_train::PackedBatch;

/// 64 · 32 rows, about as many as RTE has.
const COPIES: usize = 64;

fn pack(c: &mut Criterion) {
    let mut group = c.benchmark_group("pack");
    for lengths in LENGTHS {
        let rows = repeated(&encoded(lengths, 30522));
        let mixture = Mixture::check(Mix::default(), &[rows.rows()], 0, lengths.tokens.len(), 1);
        let mixture = mixture.expect("there are rows");
        let epoch = mixture.epoch(0, &[0], None, |_| Stream::new(42, "order").at(0));
        let mut batch = PackedBatch::default();
        let bytes = 2 * (size_of_val(&rows.ids[..]) + size_of_val(&rows.segments[..]));
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::new("epoch", lengths.name), |b| {
            b.iter(|| {
                for part in epoch.batches() {
                    batch.clear(1);
                    for row in part {
                        batch.push(0, black_box(&rows), row.row as usize, Some(Target::Class(0)));
                    }
                }
            });
        });
    }
}

fn repeated(rows: &Encoded) -> Encoded {
    let total = rows.ids.len();
    let ends = (0..COPIES).flat_map(|copy| rows.offsets[1..].iter().map(move |end| copy * total + end));
    Encoded {
        ids: rows.ids.repeat(COPIES),
        segments: rows.segments.repeat(COPIES),
        offsets: std::iter::once(0).chain(ends).collect(),
        truncated: 0,
    }
}

criterion_group!(name = benches; config = config(); targets = pack);
criterion_main!(benches);
