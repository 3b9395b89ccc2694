//! The run that a verdict hands over, with the command that uses its model.

use mtlift_glue_data::{Format, INPUT};
use mtlift_report::{ArmFindings, BestRun, TaskFacts, Verdict};
use mtlift_schedule::Arm;

use super::context::Context;
use crate::shell::shell_line;
use crate::survey::Subject;

impl Context<'_> {
    /// The run of the arm that a verdict uses; `arms` are those of its target, `places` the flags with which the user finds data.
    pub(super) fn best_run(
        &self,
        task: &TaskFacts,
        verdict: &Verdict,
        arms: &[&ArmFindings],
        places: &[String],
    ) -> Option<BestRun> {
        let subject = self.survey.all.iter().find(|subject| subject.task.name == task.name)?;
        let arm = arms.iter().find(|arm| arm.label == verdict.arm())?;
        let best = arm.best_seed(task.sign())?;
        let directory = self.store.run(&best.run).display().to_string();
        let model = arm.model.clone();
        let predict = model.as_ref().map(|_| self.predict(subject, &directory, places));
        let single = arms.iter().find(|other| other.arm == Arm::Single && arm.arm != Arm::Single);
        let single = single.and_then(|single| single.best_seed(task.sign()));
        let undecided = match single {
            Some(single) if !verdict.decided => {
                format!("The best run of single is {}. ", self.store.run(&single.run).display())
            }
            _ => String::new(),
        };
        let kept =
            if model.is_some() { "" } else { ", whose model was not kept (--keep-models all keeps them)" };
        let note = format!(
            "{undecided}The run of {} to use is that of seed {}, the best of its seeds on the selecting rows{kept}:",
            arm.label, best.seed
        );
        Some(BestRun { seed: best.seed, directory, model, predict, note })
    }

    /// The command that predicts rows of the user's own with the model of a run.
    fn predict(&self, subject: &Subject, run: &str, places: &[String]) -> String {
        let files = &subject.task.files;
        let like = files.iter().find(|file| file.split == "test").or(files.last());
        let named =
            |format: Format| Format::NAMES.iter().find(|(_, known)| *known == format).map(|(name, _)| *name);
        let ending = like.and_then(|file| named(file.format)).unwrap_or("tsv");
        let max_tokens =
            self.spec.settings.max_tokens.map(|most| ["--max-tokens".to_owned(), most.to_string()]);
        let words =
            ["mtlift", "predict", "--model", run, "--task", &subject.given].map(str::to_owned).into_iter();
        let words = words.chain(max_tokens.into_iter().flatten()).chain(places.iter().cloned());
        let files = [
            "--input".to_owned(),
            format!("{INPUT}.{ending}"),
            "--out".to_owned(),
            format!("predictions.{ending}"),
        ];
        shell_line(words.chain(files))
    }
}
