//! Counting values that are not finite, for a check of tensors that nobody needs in memory.

use super::TensorFile;
use crate::Error;

impl TensorFile {
    /// How many values of a tensor are NaN or infinite as f32; none of one that is not of a type that can be read as f32.
    ///
    /// # Errors
    /// If there is no such tensor, or it cannot be read.
    pub fn count_not_finite(&self, name: &str) -> Result<usize, Error> {
        let mut count = 0;
        if self.check_floats(name).is_ok() {
            self.each_float(name, |value| count += usize::from(!value.is_finite()))?;
        }
        Ok(count)
    }
}
