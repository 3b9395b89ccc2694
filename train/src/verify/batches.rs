//! Recorded batches `[B, S]`, padded as PyTorch had them, packed again.

use std::path::Path;

use mtlift_encoder::{Config, Labels, ProblemType};
use mtlift_files::TensorFile;
use mtlift_glue_data::Target;
use mtlift_tokenizer::Encoded;

use crate::Error;
use crate::data::check_rows;

/// All rows of a file's batches, in order.
pub(super) struct Recorded {
    pub(super) encoded: Encoded,
    pub(super) targets: Vec<Target>,
    /// `S`: the padded length of a row.
    pub(super) padded: usize,
    /// `B`: rows of a batch.
    pub(super) batch: usize,
}

impl Recorded {
    /// Reads `input_ids`, `attention_mask`, `token_type_ids` `[.., B, S]` and `labels` `[.., B]`: at least one row, and all of
    /// them such as the encoder takes.
    pub(super) fn read(
        path: &Path,
        file: &TensorFile,
        config: &Config,
        labels: &Labels,
    ) -> Result<Self, Error> {
        let misfit = |what: String| Error::Reference { file: path.to_owned(), what };
        let (shape, ids) = file.i64("input_ids")?;
        let (mask_shape, mask) = file.i64("attention_mask")?;
        let (segment_shape, segments) = file.i64("token_type_ids")?;
        if mask_shape != shape || segment_shape != shape {
            return Err(misfit("input_ids, attention_mask and token_type_ids differ in shape".to_owned()));
        }
        let [.., batch, padded] = shape[..] else {
            return Err(misfit(format!("input_ids has shape {shape:?}, expected [.., B, S]")));
        };
        if ids.is_empty() {
            return Err(misfit(format!("input_ids has shape {shape:?}, expected at least one row")));
        }
        let mut encoded = Encoded::default();
        for row in 0..ids.len() / padded {
            let row = row * padded..(row + 1) * padded;
            let length = mask[row.clone()].iter().take_while(|&&m| m == 1).count();
            if mask[row.clone()][length..].iter().any(|&m| m != 0) {
                return Err(misfit("attention_mask is not ones followed by zeros".to_owned()));
            }
            let narrow = |x: &i64| u32::try_from(*x).map_err(|_| misfit(format!("{x} is not an id")));
            for at in row.start..row.start + length {
                encoded.ids.push(narrow(&ids[at])?);
                encoded.segments.push(narrow(&segments[at])?);
            }
            encoded.offsets.push(encoded.ids.len());
        }
        check_rows(&encoded, config).map_err(|fault| misfit(fault.to_string()))?;
        let targets: Vec<Target> = match labels.problem_type {
            ProblemType::Regression => file.f32("labels")?.1.into_iter().map(Target::Value).collect(),
            ProblemType::SingleLabelClassification => {
                let class = |&class: &i64| {
                    let class = usize::try_from(class).ok().filter(|&class| class < labels.names.len());
                    class
                        .map(Target::Class)
                        .ok_or_else(|| misfit("a label is not one of the model's".to_owned()))
                };
                file.i64("labels")?.1.iter().map(class).collect::<Result<_, _>>()?
            }
        };
        if targets.len() != encoded.rows() {
            return Err(misfit(format!("{} labels for {} rows", targets.len(), encoded.rows())));
        }
        Ok(Self { encoded, targets, padded, batch })
    }
}
