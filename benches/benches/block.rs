//! One block: an encoder of a single layer, so with its embeddings, without and with dropout and backward. Throughput:
//! floating-point operations of the block's products alone.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mtlift_benches::{Shape, cases, config, encoded, encoder_flops, parameters, values};
use mtlift_encoder::{Encoder, Input};
use mtlift_nn::random::Stream;
use mtlift_nn::{Buffer, DropoutStep, Layout};

fn block(c: &mut Criterion) {
    let mut group = c.benchmark_group("block-flop");
    for (shape, lengths, case) in cases() {
        let one = Shape { layers: 1, ..shape };
        let rows = encoded(lengths, one.vocabulary);
        let mut layout = Layout::default();
        let encoder = Encoder::new(&mut layout, &one.config());
        let (params, mut grads, mut cache) = (parameters(&layout), layout.gradients(), encoder.cache());
        let keys: Vec<u64> = (0..rows.rows() as u64).collect();
        let evaluation =
            Input { ids: &rows.ids, segments: &rows.segments, offsets: &rows.offsets, dropout: None };
        let dropout = DropoutStep::new(Stream::new(42, "dropout"), 0, &keys);
        let training = Input { dropout: Some(dropout), ..evaluation };
        let upstream = values("upstream", lengths.total() * one.hidden);
        let mut d = Buffer::new();
        let flops = encoder_flops(one, lengths);

        group.throughput(Throughput::Elements(flops));
        group.bench_function(BenchmarkId::new("forward-evaluation", &case), |b| {
            b.iter(|| encoder.forward(&params, black_box(&evaluation), &mut cache));
        });

        // Backward consumes what forward left and the gradient it is given: they are measured together.
        group.throughput(Throughput::Elements(3 * flops));
        group.bench_function(BenchmarkId::new("both-training", &case), |b| {
            b.iter(|| {
                encoder.forward(&params, black_box(&training), &mut cache);
                d.shape(lengths.total(), one.hidden).slice_mut().copy_from_slice(&upstream);
                encoder.backward(&params, &training, &mut cache, &mut d, &mut grads);
            });
        });
    }
}

criterion_group!(name = benches; config = config(); targets = block);
criterion_main!(benches);
