//! blake3 in counter mode as a source of random numbers: fixed for good, unlike the generators of a library that promises
//! none. What is drawn is a function of the context and the key alone.

use rand::RngCore;

/// A sequence of random words.
pub(crate) struct HashStream(blake3::OutputReader);

impl HashStream {
    /// The sequence for `key` in a context that no other use has.
    pub(crate) fn new(context: &str, key: &[u8]) -> HashStream {
        HashStream(blake3::Hasher::new_derive_key(context).update(key).finalize_xof())
    }
}

impl RngCore for HashStream {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}
