//! Rows that a model writes: what stays of the gold ones, what is drawn from which guesses, and that nothing else has a part in it.

use std::collections::BTreeMap;
use std::fs;

use mtlift_encoder::{Checkpoint, Config, Want};
use mtlift_nn::Store;
use mtlift_schedule::{Infilling, SelfTraining};
use mtlift_tokenizer::{Encoded, Tokenizer};
use mtlift_train::{
    Error, Infiller, MaskedBatch, MaskedNetwork, Mixing, RunFiles, SelfTrainedJob, SelfTrainingRecord,
    check_infilling, train_self,
};
use proptest::prelude::*;

use crate::folder::{Folder, Run, Silent};

/// Words of the vocabulary that may be written; after five special tokens, and before five that stand for nothing.
const WORDS: u32 = 50;

/// A folder with a model that can write, whose vocabulary ends with five unused tokens.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write_masked_model("model");
    let vocabulary = fs::read_to_string(folder.path("model/vocab.txt")).unwrap();
    let unused =
        |text: String, word: u32| text.replace(&format!("w{}\n", WORDS + word), &format!("[unused{word}]\n"));
    fs::write(folder.path("model/vocab.txt"), (0..5).fold(vocabulary, unused)).unwrap();
    folder
}

fn tokenizer(folder: &Folder) -> Tokenizer {
    Tokenizer::open(&folder.path("model"), 32).unwrap()
}

fn infiller(folder: &Folder, seed: u64) -> Infiller {
    let config = Config::read(&folder.path("model")).unwrap();
    Infiller::open(&folder.path("model"), &config, &tokenizer(folder), seed).unwrap()
}

fn asked(parameters: &str) -> Infilling {
    format!("self-train:infill({parameters})").parse::<SelfTraining>().unwrap().infilling().unwrap()
}

fn encode(folder: &Folder, rows: &[&str]) -> Encoded {
    tokenizer(folder).encode(rows.iter().copied()).unwrap()
}

fn is_special(id: u32) -> bool {
    id < 5
}

fn row(encoded: &Encoded, row: usize) -> &[u32] {
    &encoded.ids[encoded.range(row)]
}

/// What the model guesses for a place of a row that is masked already, by the token.
struct Guesses {
    network: MaskedNetwork,
    params: Store<f32>,
}

impl Guesses {
    fn of(folder: &Folder) -> Self {
        let config = Config::read(&folder.path("model")).unwrap();
        let network = MaskedNetwork::new(&config);
        let checkpoint = Checkpoint::open(&folder.path("model")).unwrap();
        let (params, _) =
            checkpoint.read(config.family.prefix(), network.layout(), |_| Want::Required).unwrap();
        Self { network, params }
    }

    fn at(&self, ids: &[u32], place: usize) -> Vec<f64> {
        let encoded = Encoded {
            ids: ids.to_vec(),
            segments: vec![0; ids.len()],
            offsets: vec![0, ids.len()],
            truncated: 0,
        };
        let (mut batch, mut workspace) = (MaskedBatch::default(), self.network.workspace());
        batch.push_guessed(&encoded, 0, &[place]);
        self.network.forward(&self.params, &batch, None, &mut workspace);
        workspace.logits().iter().copied().map(f64::from).collect()
    }

    /// The likeliest of the tokens that may be written.
    fn likeliest(&self, ids: &[u32], place: usize) -> u32 {
        let logits = self.at(ids, place);
        (5..5 + WORDS).max_by(|&a, &b| logits[a as usize].total_cmp(&logits[b as usize])).unwrap()
    }
}

const MASK: u32 = 4;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Lengths, segments, special tokens, and at most the asked share of the others is another; what is written is a word.
    #[test]
    fn what_is_not_masked_stays(
        pairs in prop::collection::vec((prop::collection::vec(0..WORDS, 1..9), prop::collection::vec(0..WORDS, 0..9)), 1..5),
        copies in 1..4usize,
        masked in 0..=20u32,
        temperature in 0..3u32,
        sweeps in 1..3usize,
        block in 1..4usize,
    ) {
        let folder = folder();
        let text = |words: &[u32]| words.iter().map(|word| format!("w{word} ")).collect::<String>();
        let pairs: Vec<(String, String)> = pairs.iter().map(|(a, b)| (text(a), text(b) + "? ")).collect();
        let gold = tokenizer(&folder).encode(pairs.iter().map(|(a, b)| (a.as_str(), b.as_str()))).unwrap();
        let infilling = Infilling {
            copies, masked: f64::from(masked) / 20.0, temperature: f64::from(temperature), sweeps, block,
        };
        let written = infiller(&folder, 3).write(&gold, &infilling).unwrap();
        prop_assert_eq!(written.rows(), copies * gold.rows());
        for place in 0..written.rows() {
            let (found, from) = (row(&written, place), row(&gold, place / copies));
            prop_assert_eq!(&written.segments[written.range(place)], &gold.segments[gold.range(place / copies)]);
            prop_assert_eq!(found.len(), from.len());
            let ordinary = from.iter().filter(|&&id| !is_special(id)).count();
            let changed = found.iter().zip(from).filter(|(a, b)| a != b).count();
            prop_assert!(changed <= infilling.count(ordinary), "{changed} of {ordinary}");
            for (&found, &from) in found.iter().zip(from) {
                prop_assert_eq!(is_special(found), is_special(from), "{} for {}", found, from);
                prop_assert!(found == from || found < 5 + WORDS, "{found} stands for nothing");
            }
        }
        if masked == 0 {
            for place in 0..written.rows() {
                prop_assert_eq!(row(&written, place), row(&gold, place / copies));
            }
        }
    }
}

/// A draw of a single token against the softmax of the words' logits at the temperature.
#[test]
fn tokens_are_drawn_from_the_models_guesses() {
    let folder = folder();
    let gold = encode(&folder, &["w7"]);
    let mut ids = row(&gold, 0).to_vec();
    assert_eq!(ids, [2, 12, 3]);
    ids[1] = MASK;
    let logits = Guesses::of(&folder).at(&ids, 1);
    for temperature in [0.5, 2.0] {
        let draws = 8000;
        let infilling = asked(&format!("copies=1000,masked=1,temperature={temperature}"));
        let infilling = Infilling { copies: draws, ..infilling };
        let written = infiller(&folder, 5).write(&gold, &infilling).unwrap();
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        (0..draws).for_each(|place| *counts.entry(row(&written, place)[1]).or_default() += 1);
        let powers: Vec<f64> = (5..5 + WORDS).map(|id| (logits[id as usize] / temperature).exp()).collect();
        let sum: f64 = powers.iter().sum();
        for (id, power) in (5..5 + WORDS).zip(powers) {
            let (found, wanted) = (counts.get(&id).copied().unwrap_or(0) as f64 / draws as f64, power / sum);
            let off = 4.5 * (wanted * (1.0 - wanted) / draws as f64).sqrt() + 1.0 / draws as f64;
            assert!((found - wanted).abs() < off, "{id} at {temperature}: {found}, expected {wanted}");
        }
    }
}

/// Without a temperature the likeliest token is taken, and it is with nearly none. The first place is written while the second is still
/// masked, the second beside what was written there; another sweep masks one at a time.
#[test]
fn without_temperature_places_are_filled_in_turn_with_the_likeliest() {
    let folder = folder();
    let gold = encode(&folder, &["w7 w8"]);
    let guesses = Guesses::of(&folder);
    let fill = |ids: &mut [u32], places: [usize; 2]| {
        for place in places {
            ids[place] = MASK;
            ids[place] = guesses.likeliest(ids, place);
        }
    };
    let orders = [[1, 2], [2, 1]];
    let write = |parameters: &str| infiller(&folder, 1).write(&gold, &asked(parameters)).unwrap();
    let once: Vec<Vec<u32>> = orders
        .iter()
        .map(|&order| {
            let mut ids = vec![2, MASK, MASK, 3];
            fill(&mut ids, order);
            ids
        })
        .collect();
    let written = write("copies=20,masked=1,temperature=0,block=1");
    assert!((0..20).all(|place| once.contains(&row(&written, place).to_vec())));
    let twice: Vec<Vec<u32>> = once
        .iter()
        .flat_map(|ids| {
            orders.map(|order| {
                let mut ids = ids.clone();
                fill(&mut ids, order);
                ids
            })
        })
        .collect();
    let written = write("copies=20,masked=1,temperature=0,block=1,sweeps=2");
    assert!((0..20).all(|place| twice.contains(&row(&written, place).to_vec())));
    // Both in one pass: neither sees the other.
    let masked = [2, MASK, MASK, 3];
    let at_once = [2, guesses.likeliest(&masked, 1), guesses.likeliest(&masked, 2), 3];
    assert_eq!(row(&write("copies=1,masked=1,temperature=0,block=2"), 0), at_once);

    let gold = encode(&folder, &["w1 w2 w3 w4 w5 w6 w7", "w30 w31 w32"]);
    let write = |parameters: &str| infiller(&folder, 1).write(&gold, &asked(parameters)).unwrap();
    let how = "copies=5,masked=0.6,sweeps=2,block=2";
    assert_eq!(write(&format!("{how},temperature=0.0001")), write(&format!("{how},temperature=0")));
    assert_ne!(write(how), write(&format!("{how},temperature=0")));
}

/// A row is written as it is by itself, whatever is written beside it, in however many batches, and on however many threads.
#[test]
fn a_row_depends_on_no_other_and_on_no_thread() {
    let folder = folder();
    let texts: Vec<String> = (0..300)
        .map(|row| (0..1 + row % 11).map(|word| format!("w{} ", (row + 3 * word) % 50)).collect())
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (all, few) = (encode(&folder, &texts), encode(&folder, &texts[..7]));
    let infiller = infiller(&folder, 9);
    let how = asked("copies=3,masked=0.5,sweeps=2,block=2");
    let written = infiller.write(&all, &how).unwrap();
    assert!(written.ids.len() > 3 * 2048, "several batches");
    let of_few = infiller.write(&few, &how).unwrap();
    assert!((0..21).all(|place| row(&of_few, place) == row(&written, place)));
    // Fewer copies are the first of more.
    let first = infiller.write(&all, &Infilling { copies: 1, ..how }).unwrap();
    assert!((0..300).all(|place| row(&first, place) == row(&written, 3 * place)));
    assert_ne!(self::infiller(&folder, 8).write(&few, &how).unwrap(), of_few, "another seed");
    let copies: Vec<&[u32]> = (18..21).map(|place| row(&of_few, place)).collect();
    assert!(copies[0] != copies[1] && copies[1] != copies[2], "{copies:?}");
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| infiller.write(&all, &how)).unwrap(), written, "{threads} threads");
    }
}

#[test]
fn a_model_that_cannot_write_is_named() {
    let folder = folder();
    check_infilling(&folder.path("model")).unwrap();
    folder.write_encoder("encoder", 16);
    let refused = check_infilling(&folder.path("encoder")).unwrap_err().to_string();
    let expected = "has no head for masked-language modelling (cls.predictions.bias is missing), and self-train:infill and consistency write \
                    rows with it: start from a model as it was pretrained, from one that `mtlift pretrain` wrote, or leave them out";
    assert!(refused.ends_with(expected), "{refused}");
    let config = Config::read(&folder.path("encoder")).unwrap();
    let refused = Infiller::open(&folder.path("encoder"), &config, &tokenizer(&folder), 1).unwrap_err();
    assert!(matches!(refused, Error::NoMaskedHead { .. }), "{refused}");
    let vocabulary = fs::read_to_string(folder.path("model/vocab.txt")).unwrap();
    fs::write(folder.path("model/vocab.txt"), vocabulary.replace("[MASK]", "mask")).unwrap();
    assert!(check_infilling(&folder.path("model")).unwrap_err().to_string().contains("cannot mask"));
}

/// Trains on `triples` and on rows that are written from its own.
fn train_on_written(folder: &Folder, run: &Run, parameters: &str, out: &str) -> SelfTrainingRecord {
    let (task, labeller) = (folder.task("triples"), folder.path("labeller/model"));
    let outcome = run.job(folder, &[task], out, |job| {
        let method = format!("self-train:infill({parameters})").parse().unwrap();
        train_self(SelfTrainedJob { job, labeller: &labeller, texts_of: None, method }, &mut Silent).unwrap()
    });
    outcome.result.self_training.unwrap()
}

const ALL: &str = "confidence=0,passes=0,deviations=1000,balance=0";

#[test]
fn written_rows_are_labelled_filtered_and_shown() {
    let run = Run::new(Mixing::default());
    let folder = Folder::with_tasks();
    folder.write_masked_model("model");
    let task = folder.task("triples");
    folder.train(&run, std::slice::from_ref(&task), "labeller", &mut Silent).unwrap();

    let record = train_on_written(&folder, &run, &format!("{ALL},copies=2,origin=1"), "out");
    // 72 of 80 rows are not held out.
    assert_eq!((record.gold, record.rows(), &*record.unlabelled[0].split), (72, 144, "written"));
    let kept: usize = record.kept.values().sum();
    assert!(kept > 0 && kept + record.dropped.total() == 144, "{record:?}");
    let table = fs::read_to_string(RunFiles::at(&folder.path("out")).written()).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(
        rows[0],
        ["gold", "copy", "outcome", "label", "gold_label", "confidence", "text", "gold_text"]
    );
    assert_eq!(rows.len(), 1 + 144);
    let with = |outcome: &str| rows[1..].iter().filter(|row| row[2] == outcome).count();
    assert_eq!(with("kept"), kept);
    assert!(
        record.dropped.named().iter().all(|&(filter, count)| with(filter) == count),
        "{:?}",
        record.dropped
    );
    let train = fs::read_to_string(folder.path("triples-train.tsv")).unwrap();
    let train: Vec<&str> = train.lines().skip(1).collect();
    for row in &rows[1..] {
        let (text, label) = train[row[0].parse::<usize>().unwrap()].split_once('\t').unwrap();
        assert_eq!((row[4], row[7]), (label, &*format!("[CLS] {text} [SEP]")));
        assert!(row[2] != "kept" || (row[3] == row[4] && row[6] != row[7]), "{row:?}");
        assert_eq!(row[6].split(' ').count(), row[7].split(' ').count(), "{row:?}");
    }
    assert!(
        rows[1..].iter().any(|row| row[2] == "origin" && row[3] != row[4]),
        "the labels that differ are shown"
    );

    // More rows than are shown.
    let record = train_on_written(&folder, &run, &format!("{ALL},copies=5"), "more");
    assert_eq!((record.rows(), record.dropped.origin), (360, 0));
    assert_eq!(fs::read_to_string(folder.path("more/written.tsv")).unwrap().lines().count(), 201);

    // What is not changed is gold.
    let record = train_on_written(&folder, &run, &format!("{ALL},masked=0"), "none");
    assert_eq!((record.rows(), record.dropped.gold, record.dropped.total()), (288, 288, 288));
}
