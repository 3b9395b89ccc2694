//! Named random streams: every draw is a function of (seed, name, index), never of what was drawn before.
//!
//! The generator is Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): it has
//! no state but a counter, so that dropout can draw a mask again in the backward pass, a resumed run goes on where it stopped
//! and the order in which threads draw is of no consequence.

use ndarray_rand::rand::RngCore;

/// A named stream of random numbers, one generator for each index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    key: u64,
}

impl Stream {
    /// The stream called `name` under `seed`.
    pub fn new(seed: u64, name: &str) -> Self {
        // FNV-1a, then the finaliser of SplitMix64: distinct names give unrelated keys.
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        let name = name.bytes().fold(0xcbf2_9ce4_8422_2325, hash);
        Self { key: mix(seed.wrapping_add(mix(name))) }
    }

    /// The stream below this one for `index`, for indices in two dimensions.
    pub fn child(self, index: u64) -> Self {
        Self { key: mix(self.key ^ mix(index.wrapping_add(0x9e37_79b9_7f4a_7c15))) }
    }

    /// The generator for `index`.
    pub fn at(self, index: u64) -> Generator {
        Generator { key: split(self.key), index: split(index), block: 0, words: [0; 4], used: 4 }
    }

    pub(crate) fn key(self) -> [u32; 2] {
        split(self.key)
    }
}

/// A sequence of random words; draws from it follow the `rand` traits.
#[derive(Clone, Debug)]
pub struct Generator {
    key: [u32; 2],
    index: [u32; 2],
    block: u64,
    words: [u32; 4],
    used: usize,
}

impl Generator {
    /// A number in `[0, 1)` with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (-53.0_f64).exp2()
    }
}

impl RngCore for Generator {
    fn next_u32(&mut self) -> u32 {
        if self.used == 4 {
            let [low, high] = split(self.block);
            self.words = philox(self.key, [low, high, self.index[0], self.index[1]]);
            self.block += 1;
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) | u64::from(self.next_u32()) << 32
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(4) {
            chunk.copy_from_slice(&self.next_u32().to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Four random words for a key and a counter.
#[inline(always)]
pub(crate) fn philox(mut key: [u32; 2], mut counter: [u32; 4]) -> [u32; 4] {
    for _ in 0..10 {
        let a = u64::from(counter[0]) * 0xd251_1f53;
        let b = u64::from(counter[2]) * 0xcd9e_8d57;
        counter = [
            (b >> 32) as u32 ^ counter[1] ^ key[0],
            b as u32,
            (a >> 32) as u32 ^ counter[3] ^ key[1],
            a as u32,
        ];
        key = [key[0].wrapping_add(0x9e37_79b9), key[1].wrapping_add(0xbb67_ae85)];
    }
    counter
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn split(x: u64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers of the Random123 distribution (kat_vectors, philox4x32 with 10 rounds).
    #[test]
    fn philox_gives_the_known_answers() {
        let ones = u32::MAX;
        assert_eq!(philox([0; 2], [0; 4]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([ones; 2], [ones; 4]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        let key = [0xa409_3822, 0x299f_31d0];
        assert_eq!(philox(key, pi), [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
    }

    #[test]
    fn streams_differ_by_seed_name_child_and_index() {
        let base = Stream::new(42, "order");
        let first = |stream: Stream, index| stream.at(index).next_u64();
        let others = [
            first(Stream::new(43, "order"), 0),
            first(Stream::new(42, "dropout"), 0),
            first(base.child(0), 0),
            first(base.child(1), 0),
            first(base, 1),
        ];
        assert!(others.iter().all(|&other| other != first(base, 0)));
        assert_eq!(first(base, 7), first(Stream::new(42, "order"), 7));
    }
}
