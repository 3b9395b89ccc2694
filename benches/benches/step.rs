//! A whole training step on 32 rows: packing, forward, loss, backward, norm, AdamW. Throughput: floating-point operations of
//! the blocks' products alone; the batch's tokens over the time printed are tokens a second.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mtlift_benches::{cases, config, encoded, first_tokens_flops, parameters};
use mtlift_glue_data::Target;
use mtlift_nn::AdamWConfig;
use mtlift_nn::random::Stream;
use mtlift_schedule::Row;
use mtlift_train::{Network, Trainer, TrainingRows};

/// Small enough that the weights stay as they were drawn, however many steps are measured.
const LEARNING_RATE: f64 = 1e-7;

fn step(c: &mut Criterion) {
    let mut group = c.benchmark_group("step-flop");
    for (shape, lengths, case) in cases() {
        let encoded = encoded(lengths, shape.vocabulary);
        let targets: Vec<Target> = (0..encoded.rows()).map(|row| Target::Class(row % 2)).collect();
        let rows: Vec<Row> = (0..encoded.rows() as u32).map(|row| Row { task: 0, row }).collect();
        let tasks = [TrainingRows::plain(&encoded, &targets)];
        let network = Network::new(&shape.config(), &[2]);
        let params = parameters(network.layout());
        let dropout = Some(Stream::new(42, "dropout"));
        let weights = [1.0 / rows.len() as f64];
        let mut trainer = Trainer::new(network, params, AdamWConfig::default(), dropout, 1.0, rows.len());
        group.throughput(Throughput::Elements(3 * first_tokens_flops(shape, lengths)));
        group.bench_function(BenchmarkId::new("train", &case), |b| {
            b.iter(|| trainer.step(black_box(&tasks), black_box(&rows), &weights, LEARNING_RATE));
        });
    }
}

// A step of the largest shape takes seconds.
criterion_group!(name = benches; config = config().sample_size(10); targets = step);
criterion_main!(benches);
