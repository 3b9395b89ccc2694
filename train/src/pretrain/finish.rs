//! The end of pretraining: the last step's model is scored on held-out text and exported, and the result is written.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use mtlift_files::write_atomically;

use super::job::{PretrainingJob, PretrainingOutcome, PretrainingStart};
use super::prepare::Prepared;
use super::trainer::MaskedTrainer;
use crate::Error;
use crate::model::copy_companions;
use crate::record::PretrainingResult;
use crate::run::{Directory, Progress, hash_parameters, timing};

impl Prepared {
    /// Scores and exports the model, and closes the run.
    pub(super) fn finish(
        &self,
        job: PretrainingJob<'_>,
        directory: Directory,
        mut trainer: MaskedTrainer,
        progress: Progress,
        started: Instant,
    ) -> Result<PretrainingOutcome, Error> {
        let held_out = trainer.evaluate(&self.held_out);
        self.export(job, &directory.model(1, "text")?, &trainer)?;
        let result = PretrainingResult {
            seed: job.settings.seed,
            steps: progress.step,
            tokens: progress.tokens,
            sequences: self.train.rows(),
            parameter_count: trainer.params.values().len(),
            held_out,
            parameters: hash_parameters(&trainer.params),
        };
        let timing = timing(started, &progress);
        directory.close(&result, &timing)?;
        Ok(PretrainingOutcome { result, timing })
    }

    fn export(&self, job: PretrainingJob<'_>, to: &Path, trainer: &MaskedTrainer) -> Result<(), Error> {
        match job.start {
            PretrainingStart::Model(source) => copy_companions(source, to)?,
            PretrainingStart::Fresh { .. } => mtlift_files::make_directory(to)?,
        }
        for (name, text) in self.tokenizer.iter().flat_map(|tokenizer| tokenizer.files()) {
            write_atomically(&to.join(name), |file| file.write_all(text.as_bytes()))?;
        }
        let json = self.config.to_masked_json(job.float.torch_name());
        write_atomically(&to.join("config.json"), |file| Ok(serde_json::to_writer_pretty(file, &json)?))?;
        Ok(mtlift_encoder::save_as(to, job.float, trainer.layout(), &trainer.params)?)
    }
}
