//! What the processor could do at most: GFLOP/s of independent fused multiply-adds in float32, and of dot products of bf16 pairs and
//! of bytes.
//! No criterion bench, because shares of it are computed by another program: it prints one object of JSON.
//!
//! `--threads N` runs the loop on N threads at once; the rate is that of all.

#![allow(clippy::print_stdout, reason = "this is a program, and its object is its result")]
#![allow(
    unsafe_code,
    reason = "the loop is made of instructions that a processor may lack; nothing of the library is in it"
)]

use std::time::Instant;

use serde_json::json;

/// Independent sums, enough for two units with a latency of four to six cycles.
const SUMS: usize = 24;
/// How often each is added to: about 0.1 s.
const TIMES: usize = 4_000_000;
/// The best of so many is the peak: nothing makes a loop in registers faster than it is.
const TRIALS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let threads = arguments.iter().position(|argument| argument == "--threads").map_or_else(
        || std::thread::available_parallelism().map_or(1, usize::from),
        |at| arguments[at + 1].parse().expect("--threads"),
    );
    println!(
        "{}",
        json!({
            "threads": threads,
            "float32": best(threads, float32()),
            "bf16": best(threads, bf16()),
            "int8": best(threads, int8())
        })
    );
}

/// A loop that does so many operations of a number, an addition and a multiplication counting one each.
type Loop = (fn(), usize);

/// GFLOP/s of a loop on several threads, the best of some trials.
fn best(threads: usize, work: Option<Loop>) -> Option<f64> {
    let (run, operations) = work?;
    let trial = || {
        let started = Instant::now();
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(run))));
        (threads * operations) as f64 / started.elapsed().as_secs_f64() / 1e9
    };
    Some((0..TRIALS).map(|_| trial()).fold(0.0, f64::max))
}

#[cfg(not(target_arch = "x86_64"))]
fn float32() -> Option<Loop> {
    None
}

#[cfg(not(target_arch = "x86_64"))]
fn bf16() -> Option<Loop> {
    None
}

#[cfg(not(target_arch = "x86_64"))]
fn int8() -> Option<Loop> {
    None
}

#[cfg(target_arch = "x86_64")]
fn float32() -> Option<Loop> {
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor has AVX-512.
        return Some((|| unsafe { of_16() }, TIMES * SUMS * 16 * 2));
    }
    // SAFETY: the processor has FMA and AVX.
    is_x86_feature_detected!("fma").then_some((|| unsafe { of_8() }, TIMES * SUMS * 8 * 2))
}

#[cfg(target_arch = "x86_64")]
fn bf16() -> Option<Loop> {
    // SAFETY: the processor has AVX512-BF16.
    is_x86_feature_detected!("avx512bf16").then_some((|| unsafe { of_pairs() }, TIMES * SUMS * 32 * 2))
}

#[cfg(target_arch = "x86_64")]
fn int8() -> Option<Loop> {
    // SAFETY: the processor has AVX-512 and VNNI.
    (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni"))
        .then_some((|| unsafe { of_quads() }, TIMES * SUMS * 64 * 2))
}

/// Defines a loop over `SUMS` registers that starts at `$zero` and goes on by `$step`.
#[cfg(target_arch = "x86_64")]
macro_rules! in_registers {
    ($name:ident, $features:literal, $zero:expr, $one:expr, $step:expr) => {
        #[target_feature(enable = $features)]
        fn $name() {
            let one = std::hint::black_box($one);
            let mut sums = [$zero; SUMS];
            for _ in 0..TIMES {
                for sum in &mut sums {
                    *sum = $step(one, *sum);
                }
            }
            std::hint::black_box(sums);
        }
    };
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m512, __m512bh, _mm256_fmadd_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm512_dpbf16_ps,
    _mm512_dpbusd_epi32, _mm512_fmadd_ps, _mm512_set1_epi8, _mm512_set1_ps, _mm512_setzero_ps,
    _mm512_setzero_si512,
};

#[cfg(target_arch = "x86_64")]
in_registers!(of_8, "avx,fma", _mm256_setzero_ps(), _mm256_set1_ps(1.0), |one, sum| _mm256_fmadd_ps(
    one, one, sum
));
#[cfg(target_arch = "x86_64")]
in_registers!(of_16, "avx512f", _mm512_setzero_ps(), _mm512_set1_ps(1.0), |one, sum| _mm512_fmadd_ps(
    one, one, sum
));
#[cfg(target_arch = "x86_64")]
in_registers!(
    of_pairs,
    "avx512f,avx512bf16",
    _mm512_setzero_ps(),
    // SAFETY: both are 512 bits of numbers of any kind.
    unsafe { std::mem::transmute::<__m512, __m512bh>(_mm512_set1_ps(1.0)) },
    |one, sum| _mm512_dpbf16_ps(sum, one, one)
);
#[cfg(target_arch = "x86_64")]
in_registers!(of_quads, "avx512f,avx512vnni", _mm512_setzero_si512(), _mm512_set1_epi8(1), |one, sum| {
    _mm512_dpbusd_epi32(sum, one, one)
});
