//! `mtlift pretrain`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_files::FloatType;
use mtlift_glue_data::{Error, Text};
use mtlift_tokenizer::TokenizerKind;
use mtlift_train::{
    ModelShape, PretrainingJob, PretrainingOutcome, PretrainingResult, PretrainingStart, Settings,
};

use crate::misuse::Misuse;
use crate::options::{Home, Output, Threads, TrainingFlags, one_of, set, show_pretraining_defaults};
use crate::progress::Terminal;
use crate::stdout;

/// Train an encoder on text without labels, to guess masked words: a new one, or one that is there
#[derive(Args)]
#[command(mut_args(show_pretraining_defaults))]
#[command(after_help = "\
Examples: a small new model; a model that gets used to the texts of a task before it is fine-tuned
  mtlift pretrain --text books.txt --text letters.txt --layers 3 --hidden 160 --heads 5 --out runs/small
  mtlift pretrain --text RTE --model bert-tiny-splade --epochs 3 --lr 1e-4 --out runs/tuned

Blank lines in a text file separate documents; in a file without any, each line is one. A sequence is consecutive lines of \
one document, as many as fit. Of each sequence 15 % of the tokens are to be guessed, others in each epoch.

AutoModelForMaskedLM and AutoModel load OUT/model, and so does mtlift train --model OUT/model. --resume continues a run that \
was killed; it ends with the same bits.")]
pub(crate) struct Arguments {
    /// A text file, or a task whose training texts are read; may be given several times
    #[arg(long, value_name = "FILE|TASK", required = true, num_args = 1..)]
    text: Vec<String>,
    /// The run's directory
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Continue the run in --out
    #[arg(long)]
    resume: bool,
    /// Go on from this model and keep its tokenizer, in place of a new model
    #[arg(long, conflicts_with_all = ["layers", "hidden", "heads", "feed_forward", "positions", "tokenizer", "vocabulary"])]
    model: Option<String>,
    #[command(flatten)]
    new: NewModel,
    /// How the weights are written
    #[arg(long, value_parser = one_of(&FloatType::ALL, FloatType::name), default_value = "f32")]
    dtype: FloatType,
    /// Seed of the new weights, masks, order and dropout
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Share of the documents that is not trained on, to measure the loss on
    #[arg(long, value_name = "SHARE")]
    held_out: Option<f64>,
    /// Stop after N steps; the learning rate's schedule then spans them [default: all of --epochs]
    #[arg(long, value_name = "N", help_heading = "Training")]
    max_steps: Option<u64>,
    #[command(flatten)]
    settings: TrainingFlags,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    output: Output,
}

/// The new model.
#[derive(Args)]
#[command(next_help_heading = "New model")]
struct NewModel {
    /// Layers
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), default_value_t = 2)]
    layers: u16,
    /// Hidden width, a multiple of --heads
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), default_value_t = 128)]
    hidden: u16,
    /// Attention heads
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), default_value_t = 2)]
    heads: u16,
    /// Width of the feed-forward layers [default: 4 times the hidden width]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    feed_forward: Option<u16>,
    /// The most tokens of a text that the model can take
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(8..), default_value_t = 256)]
    positions: u16,
    /// The tokenizer to train: wordpiece makes a BERT (lower case), byte-level-bpe a RoBERTa
    #[arg(long, value_parser = one_of(&TokenizerKind::ALL, TokenizerKind::name), default_value = "wordpiece")]
    tokenizer: TokenizerKind,
    /// The most tokens of its vocabulary
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(16..1 << 24), default_value_t = 8000)]
    vocabulary: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let settings = arguments.settings();
    settings.check()?;
    let Arguments { threads, home, output, .. } = arguments;
    let model = arguments.model.as_ref().map(|model| home.model(model)).transpose()?;
    let start = match &model {
        Some(directory) => PretrainingStart::Model(directory),
        None => arguments.new.start()?,
    };
    let texts = arguments.text.iter().map(|name| text(home, name)).collect::<Result<Vec<_>>>()?;
    let job = PretrainingJob {
        texts: &texts,
        start,
        settings: &settings,
        float: arguments.dtype,
        out: &arguments.out,
        resume: arguments.resume,
    };
    let outcome = threads.run(|| mtlift_train::pretrain(job, &mut Terminal::new()))??;
    if output.json {
        stdout::print_json(&outcome)?;
    } else {
        stdout::print(&summary(&arguments.out, &outcome))?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    fn settings(&self) -> Settings {
        let (seed, max_steps) = (self.seed, self.max_steps);
        let mut settings = Settings { seed, max_steps, ..PretrainingJob::default_settings() };
        set(&mut settings.held_out, self.held_out);
        self.settings.apply(&mut settings);
        settings
    }
}

impl NewModel {
    fn start(&self) -> Result<PretrainingStart<'static>> {
        let [layers, hidden, heads, positions] =
            [self.layers, self.hidden, self.heads, self.positions].map(usize::from);
        if !hidden.is_multiple_of(heads) {
            return Err(
                Misuse(format!("--hidden is {hidden}, expected a multiple of --heads, {heads}")).into()
            );
        }
        let feed_forward = self.feed_forward.map_or(4 * hidden, usize::from);
        let shape = ModelShape { layers, hidden, heads, feed_forward, positions };
        let (tokenizer, vocabulary) = (self.tokenizer, self.vocabulary as usize);
        Ok(PretrainingStart::Fresh { shape, tokenizer, vocabulary })
    }
}

/// A file that is no description of a task, or a task's texts.
fn text(home: &Home, name: &str) -> Result<Text> {
    let file = Path::new(name);
    if file.is_file() && file.extension().is_none_or(|extension| extension != "toml") {
        return Ok(Text::read(file)?);
    }
    let task = home.task(name).map_err(|error| match error.downcast_ref() {
        Some(Error::UnknownTask { known, .. }) => {
            let why = format!(
                "--text {name}: there is no such file, and no task of that name; the tasks are {known}"
            );
            Misuse(why).into()
        }
        _ => error,
    })?;
    Ok(Text::of_task(&task)?)
}

/// What a person wants to know when a run is done.
fn summary(out: &Path, PretrainingOutcome { result, timing }: &PretrainingOutcome) -> String {
    let PretrainingResult { seed, steps, tokens, parameter_count, held_out, .. } = result;
    let memory = timing.peak_rss_mib.map_or(String::new(), |mib| format!(", peak memory {mib} MiB"));
    [
        format!("held-out text: {held_out} ({} masked tokens, seed {seed}, {steps} steps)", held_out.masked),
        format!("{parameter_count} parameters, {tokens} tokens trained on"),
        format!("{:.1} s, {:.0} tokens/s{memory}", timing.seconds, timing.tokens_per_s),
        format!("model: {}", out.join("model").display()),
    ]
    .join("\n")
}
