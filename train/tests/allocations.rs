//! A training step allocates nothing once it has met its batches, on one thread and on two. The allocator counts for the
//! whole process, so this program has one test.

#![allow(unsafe_code, reason = "an allocator is an unsafe trait")]
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

#[path = "suite/models.rs"]
mod models;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use mtlift_nn::{AdamWConfig, Init, gemm};
use mtlift_train::Trainer;
use ndarray::Array2;

use models::{Shape, WIDE, all_rows, masks};

/// The system's allocator, counting what is asked of it.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator as it is; `realloc` and `alloc_zeroed` come to `alloc` by
// their default implementations.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System.alloc` above, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Allocations of two epochs, after one epoch to warm up.
fn allocations(threads: usize, shape: Shape) -> usize {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        // A thread takes its packing memory at its first product, and when a thread first gets one is chance.
        rayon::broadcast(|_| {
            let one = Array2::<f32>::ones((1, 1));
            gemm(one.view(), one.view(), Init::Zero, Array2::zeros((1, 1)).view_mut());
        });
        let (network, params) = shape.network(&[3, 1]);
        let tasks = [
            shape.rows("classes", &[61, 9, 33, 1, 48, 60, 7, 61], 3),
            shape.rows("values", &[17, 29, 61, 2, 40], 1),
        ];
        let rows = all_rows(&tasks);
        let training = tasks.each_ref().map(|task| task.training());
        let mut trainer = Trainer::new(network, params, AdamWConfig::default(), Some(masks()), 1.0, 4);
        let mut epoch = || {
            for batch in rows.chunks(6) {
                trainer.step(&training, batch, &[1.0 / batch.len() as f64; 2], 1e-3);
            }
        };
        epoch();
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        epoch();
        epoch();
        ALLOCATIONS.load(Ordering::Relaxed) - before
    })
}

#[test]
fn a_step_allocates_nothing_after_warm_up() {
    assert!(ALLOCATIONS.load(Ordering::Relaxed) > 0, "the allocator counts");
    for threads in [1, 2] {
        for shape in [WIDE, Shape { family: "electra", embedding: 130, layers: 1, ..WIDE }] {
            let allocations = allocations(threads, shape);
            assert_eq!(allocations, 0, "{} on {threads} threads", shape.family);
        }
    }
}
