//! 1, 2 and 3 threads give the same bits.

use mtlift_nn::{AdamWConfig, Precision};
use mtlift_train::{PackedBatch, Trainer, logits, logits_of_packed};

use crate::models::{Shape, WIDE, all_rows, bits, masks, run};

/// The bits of everything that a batch and some steps leave, on so many threads.
fn results(threads: usize, shape: Shape) -> [Vec<u32>; 3] {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        assert_eq!(rayon::current_num_threads(), threads);
        let (network, mut params) = shape.network(&[3, 1]);
        params.values_mut().iter_mut().for_each(|x| *x *= 0.1);
        let tasks = [
            shape.rows("classes", &[61, 9, 33, 1, 48, 60], 3),
            shape.rows("values", &[17, 29, 61, 2, 40], 1),
        ];
        let rows = all_rows(&tasks);
        let pass = run(&network, &params, &tasks, &rows, 1.0 / rows.len() as f64);
        let mut trainer = Trainer::new(network, params, AdamWConfig::default(), Some(masks()), 1.0, 6);
        for _ in 0..2 {
            trainer.step(
                &tasks.each_ref().map(|task| task.training()),
                &rows,
                &[1.0 / rows.len() as f64; 2],
                1e-3,
            );
        }
        let logits: Vec<f32> = pass.logits.into_values().flatten().collect();
        [bits(&logits), bits(&pass.gradient), bits(trainer.params.values())]
    })
}

#[test]
fn threads_do_not_change_a_bit() {
    for shape in [
        WIDE,
        Shape { family: "electra", embedding: 130, activation: "gelu_new", layers: 1, ..WIDE },
        Shape { precision: Precision::Bf16, layers: 1, ..WIDE },
    ] {
        let [logits, gradient, params] = results(1, shape);
        for threads in [2, 3] {
            let other = results(threads, shape);
            assert!(other[0] == logits, "{shape:?}: logits on {threads} threads");
            assert!(other[1] == gradient, "{shape:?}: gradients on {threads} threads");
            assert!(other[2] == params, "{shape:?}: parameters after two steps on {threads} threads");
        }
    }
}

#[test]
fn small_batches_of_a_thread_each_have_the_logits_of_one_batch() {
    let lengths: Vec<usize> = (0..60).map(|row| 1 + row * 17 % 61).collect();
    for precision in Precision::ALL {
        let shape = Shape { precision, feed_forward: 130, ..WIDE };
        let (network, mut params) = shape.network(&[3]);
        let encoded = &shape.rows("classes", &lengths, 3).encoded;
        let (mut workspace, mut batch) = (network.workspace(), PackedBatch::default());
        let together = logits(&network, &params, 0, encoded, &mut workspace, &mut batch);
        network.pack(&mut params);
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let apart = pool.install(|| logits_of_packed(&network, &params, 0, encoded));
            assert_eq!(bits(&apart), bits(&together), "{}, {threads} threads", precision.name());
        }
    }
}
