//! Which vector instructions this CPU has, and the one place that turns plain loops into code for them.
//!
//! The default target is baseline x86-64, so the choice is made at run time: a loop written once is compiled
//! for each level and `vectorised!` picks the copy. The loops use `mul_add` throughout; it is one rounding on
//! every level (an instruction where there is FMA, a function call where there is none), which is what makes
//! the levels agree to the bit.

use std::sync::atomic::{AtomicU8, Ordering};

use ndarray::{ArrayView2, Axis};

/// A set of vector instructions, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Whatever the compile target has. Without FMA, exact but slow.
    Portable = 1,
    /// AVX2 and FMA: x86-64 since about 2013.
    Avx2 = 2,
    /// AVX-512 F, BW, DQ and VL.
    Avx512 = 3,
}

impl Level {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Level::Portable => "portable",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }
}

/// 0: not yet looked at.
static LEVEL: AtomicU8 = AtomicU8::new(0);

/// The level in use: the best that the CPU has, unless [`limit`] lowered it.
pub fn level() -> Level {
    match LEVEL.load(Ordering::Relaxed) {
        1 => Level::Portable,
        2 => Level::Avx2,
        3 => Level::Avx512,
        _ => limit(Level::Avx512),
    }
}

/// Uses at most `highest` from now on, in the whole process, and returns the level chosen. For measuring the
/// levels against each other; results do not depend on it.
pub fn limit(highest: Level) -> Level {
    let chosen = detect().min(highest);
    LEVEL.store(chosen as u8, Ordering::Relaxed);
    chosen
}

/// Whether the level in use has AVX512-BF16, the dot products of bf16 pairs.
pub fn has_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return level() == Level::Avx512 && is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Whether the level in use has AVX512-VNNI, the dot products of bytes.
pub fn has_vnni() -> bool {
    #[cfg(target_arch = "x86_64")]
    return level() == Level::Avx512 && is_x86_feature_detected!("avx512vnni");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Asks for values that will be read soon, where the processor would not guess it: pieces of rows that lie far apart.
#[allow(unsafe_code)]
#[inline(always)]
pub(crate) fn prefetch<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for line in values.chunks(64 / size_of::<T>()) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: SSE is part of x86-64, and a prefetch has no effect that the program could see.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
}

/// The same of a row of a matrix, if it has so many and their values are contiguous.
#[inline(always)]
pub(crate) fn prefetch_row<T>(matrix: ArrayView2<'_, T>, row: usize) {
    if row < matrix.nrows() {
        matrix.index_axis_move(Axis(0), row).to_slice().into_iter().for_each(prefetch);
    }
}

/// Asks for what lies so many steps behind `step`, of its own size: behind the end of a slice whatever is there.
#[allow(unsafe_code)]
#[inline(always)]
pub(crate) fn prefetch_behind<T, const N: usize>(step: &[T; N], steps: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..size_of_val(step)).step_by(64) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let at = step.as_ptr().cast::<i8>().wrapping_add(steps * size_of_val(step) + line);
        // SAFETY: as above, whether there is memory or not.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (step, steps);
}

fn detect() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        match (avx2, avx512) {
            (true, true) => return Level::Avx512,
            (true, false) => return Level::Avx2,
            _ => {}
        }
    }
    Level::Portable
}

/// Defines a function, over `F: Real` if it is generic, whose body is compiled once for each [`Level`], and which runs the
/// copy for this CPU.
macro_rules! vectorised {
    ($(#[$meta:meta])* $vis:vis fn $name:ident$(<$F:ident>)?($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block) => {
        $(#[$meta])*
        $vis fn $name$(<$F: $crate::Real>)?($($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            fn plain$(<$F: $crate::Real>)?($($arg: $ty),*) $(-> $ret)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                fn avx512$(<$F: $crate::Real>)?($($arg: $ty),*) $(-> $ret)? { plain($($arg),*) }
                #[target_feature(enable = "avx2,fma")]
                fn avx2$(<$F: $crate::Real>)?($($arg: $ty),*) $(-> $ret)? { plain($($arg),*) }
                #[allow(unsafe_code)]
                match $crate::simd::level() {
                    // SAFETY: `level` names this level only on a CPU that has its instructions.
                    $crate::simd::Level::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    $crate::simd::Level::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::simd::Level::Portable => {}
                }
            }
            plain($($arg),*)
        }
    };
}
pub(crate) use vectorised;
