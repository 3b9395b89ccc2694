//! The encoder alone: gradients of every family against differences, sequences that know nothing of each other, positions
//! and segments as each family counts them.

use std::path::Path;

use mtlift_encoder::{Cache, Config, Encoder, Error, Family, Input, Tokens};
use mtlift_nn::check::{self, random_store};
use mtlift_nn::random::Stream;
use mtlift_nn::{Buffer, DropoutStep, Layout, Precision, Real, Store};
use proptest::prelude::*;
use serde_json::json;

use crate::files;

/// Rows of the tables of tiny models.
const VOCABULARY: u32 = 9;
const SEGMENTS: u32 = 2;
const PAD: u32 = 1;
const LONGEST: usize = 7;

/// A `model_type` of every family.
fn families() -> Vec<&'static str> {
    Family::ALL.iter().filter_map(|family| family.model_types().next()).collect()
}

/// A model of this type; `changes` are other keys of its `config.json`.
fn config(model_type: &str, changes: &[(&str, serde_json::Value)]) -> Config {
    let mut json = files::object(json!({
        "model_type": model_type, "vocab_size": VOCABULARY, "type_vocab_size": SEGMENTS, "pad_token_id": PAD,
        "max_position_embeddings": LONGEST + 2,
        "hidden_size": 6, "num_attention_heads": 2, "intermediate_size": 5, "num_hidden_layers": 2,
        "dim": 6, "n_heads": 2, "hidden_dim": 5, "n_layers": 2,
    }));
    json.extend(changes.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    let mut config = Config::from_json(json, Path::new("config.json")).unwrap();
    config.positions = LONGEST + config.first_position();
    if config.embedding != config.hidden {
        config.embedding = 4;
    }
    config
}

/// Sequences end to end.
#[derive(Clone, Debug)]
struct Packed {
    ids: Vec<u32>,
    segments: Vec<u32>,
    offsets: Vec<usize>,
}

impl Packed {
    /// Of these (id, segment) pairs.
    fn new(sequences: &[Vec<(u32, u32)>]) -> Self {
        let (ids, segments) = sequences.iter().flatten().copied().unzip();
        let mut offsets = vec![0];
        offsets.extend(sequences.iter().scan(0, |total, sequence| {
            *total += sequence.len();
            Some(*total)
        }));
        Self { ids, segments, offsets }
    }

    fn input<'a>(&'a self, dropout: Option<DropoutStep<'a>>) -> Input<'a> {
        Input { ids: &self.ids, segments: &self.segments, offsets: &self.offsets, dropout }
    }
}

fn encode<F: Real>(encoder: &Encoder, params: &Store<F>, input: &Input<'_>) -> Cache<F> {
    let mut cache = encoder.cache();
    encoder.forward(params, input, &mut cache);
    cache
}

/// The hidden states of these sequences, in f32 without dropout.
fn hidden_states(config: &Config, sequences: &[Vec<(u32, u32)>]) -> Vec<f32> {
    let mut layout = Layout::default();
    let encoder = Encoder::new(&mut layout, config);
    let packed = Packed::new(sequences);
    packed.input(None).check(config).unwrap();
    let cache = encode::<f32>(&encoder, &random_store(&layout, "params"), &packed.input(None));
    encoder.hidden_states(&cache).slice().to_vec()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

/// The hidden states of first tokens, and the gradients of all parameters that come of them.
fn of_first_tokens(config: &Config, tokens: Tokens, packed: &Packed) -> (Vec<f32>, Vec<f32>) {
    let mut layout = Layout::default();
    let encoder = Encoder::new(&mut layout, config).wanting(tokens);
    let keys: Vec<u64> = (0..packed.offsets.len() as u64).collect();
    let input = packed.input(Some(DropoutStep::new(Stream::new(1, "dropout"), 2, &keys)));
    let params = random_store::<f32>(&layout, "params");
    let (mut cache, mut grads) = (encode(&encoder, &params, &input), layout.gradients());
    let hidden = encoder.hidden_states(&cache).view();
    let firsts = &packed.offsets[..packed.offsets.len() - 1];
    let states = firsts.iter().flat_map(|&at| hidden.row(at).to_vec()).collect();
    let others = (0..packed.ids.len()).filter(|at| !firsts.contains(at));
    let zeros = others.filter(|&at| hidden.row(at).iter().all(|&x| x == 0.0)).count();
    let wanted = packed.ids.len() - firsts.len();
    assert_eq!(zeros, if tokens == Tokens::First { wanted } else { 0 }, "other tokens' states are zero");

    let dy = check::random("dy", &[firsts.len(), config.hidden]);
    let mut d = Buffer::new();
    d.shape(packed.ids.len(), config.hidden).slice_mut().fill(0.0);
    for (row, &at) in firsts.iter().enumerate() {
        d.view_mut().row_mut(at).iter_mut().enumerate().for_each(|(h, d)| *d = dy[[row, h]] as f32);
    }
    encoder.backward(&params, &input, &mut cache, &mut d, &mut grads);
    (states, grads.store().values().to_vec())
}

/// Packed weights, and memory that blocks take in turn, change no bit; nor does a third block, which writes where the first did.
#[test]
fn inference_has_the_hidden_states_of_training() {
    for precision in Precision::ALL {
        let mut config = config("bert", &[("num_hidden_layers", json!(3))]);
        config.precision = precision;
        let mut layout = Layout::default();
        let encoder = Encoder::new(&mut layout, &config);
        let mut params = random_store::<f32>(&layout, "params");
        let packed = Packed::new(&[vec![(4, 0), (8, 1)], vec![(2, 1), (3, 0), (5, 0)]]);
        for tokens in [Tokens::All, Tokens::First] {
            let encoder = encoder.clone().wanting(tokens);
            params.values_mut();
            let trained = encode(&encoder, &params, &packed.input(None));
            encoder.pack(&mut params);
            let mut cache = encoder.inference_cache();
            for _ in 0..2 {
                encoder.forward(&params, &packed.input(None), &mut cache);
                assert_eq!(
                    bits(encoder.hidden_states(&cache).slice()),
                    bits(encoder.hidden_states(&trained).slice()),
                    "{}",
                    precision.name()
                );
            }
        }
    }
}

#[track_caller]
fn check_gradient(config: &Config) {
    let mut layout = Layout::default();
    let encoder = Encoder::new(&mut layout, config);
    let packed = Packed::new(&[
        vec![(4, 0), (PAD, 0), (8, 1)],
        vec![(2, 1)],
        vec![(0, 0), (4, 0), (4, 0), (7, 0), (3, 1), (5, 1), (6, 0)],
    ]);
    let keys = [5, 8, 3];
    let input = packed.input(Some(DropoutStep::new(Stream::new(1, "dropout"), 2, &keys)));
    let params = random_store::<f64>(&layout, "params");
    let dy = check::random("dy", &[packed.ids.len(), config.hidden]);

    let (mut cache, mut grads) = (encode(&encoder, &params, &input), layout.gradients());
    let mut d = Buffer::new();
    d.shape(packed.ids.len(), config.hidden).view_mut().assign(&dy);
    encoder.backward(&params, &input, &mut cache, &mut d, &mut grads);
    let mut moved = params.clone();
    check::gradient(params.values(), grads.store().values(), |values| {
        moved.values_mut().copy_from_slice(values);
        encoder.forward(&moved, &input, &mut cache);
        (&encoder.hidden_states(&cache).view() * &dy).sum()
    });
}

#[test]
fn gradients() {
    let dropout = |rate: f64| {
        ["hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout"]
            .map(|key| (key, json!(rate)))
    };
    // Batches this small are not worth handing to other threads, some thousand times.
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    alone.install(|| {
        for family in families() {
            check_gradient(&config(family, &dropout(0.3)));
        }
        check_gradient(&config("electra", &[("embedding_size", json!(6)), ("hidden_act", json!("silu"))]));
        check_gradient(&config("bert", &[("num_attention_heads", json!(1)), ("hidden_act", json!("relu"))]));
        check_gradient(&config("bert", &[("num_hidden_layers", json!(1)), ("hidden_act", json!("tanh"))]));
        check_gradient(&config("roberta", &[("hidden_size", json!(9)), ("num_attention_heads", json!(3))]));
        check_gradient(&config("distilbert", &[("activation", json!("gelu_new")), ("n_heads", json!(3))]));
    });
}

proptest! {
    /// Packing computes a hidden state from its own sequence alone, its sums always in the same order: to the bit.
    #[test]
    fn sequences_know_nothing_of_each_other(
        family in prop::sample::select(families()),
        sequences in prop::collection::vec(prop::collection::vec((0..VOCABULARY, 0..SEGMENTS), 1..=LONGEST), 1..6),
    ) {
        let config = config(family, &[]);
        let alone = sequences.iter().map(|sequence| hidden_states(&config, std::slice::from_ref(sequence)));
        let alone: Vec<f32> = alone.flatten().collect();
        prop_assert_eq!(bits(&hidden_states(&config, &sequences)), bits(&alone));
    }
}

proptest! {
    /// What is left out of the last block has no part in first tokens, and adds zeros alone to the gradients: to the bit, but for the
    /// sign of zero.
    #[test]
    fn first_tokens_alone_are_those_of_all(
        family in prop::sample::select(families()),
        precision in prop::sample::select(vec![Precision::Float32, Precision::Bf16]),
        sequences in prop::collection::vec(prop::collection::vec((0..VOCABULARY, 0..SEGMENTS), 1..=LONGEST), 1..6),
    ) {
        let rates = ["hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout"];
        let mut config = config(family, &rates.map(|key| (key, json!(0.3))));
        config.precision = precision;
        let packed = Packed::new(&sequences);
        let [all, first] = [Tokens::All, Tokens::First].map(|tokens| of_first_tokens(&config, tokens, &packed));
        prop_assert_eq!(all, first);
    }
}

#[test]
fn segments_are_read_by_bert_and_electra_alone() {
    let (zeros, ones) = (vec![(3, 0), (4, 0)], vec![(3, 0), (4, 1)]);
    for (family, reads) in [("bert", true), ("electra", true), ("roberta", false), ("distilbert", false)] {
        let config = config(family, &[]);
        let same = hidden_states(&config, std::slice::from_ref(&zeros))
            == hidden_states(&config, std::slice::from_ref(&ones));
        assert_eq!(same, !reads, "{family}");
    }
}

/// Two tokens of one text with the same id differ by their positions alone. RoBERTa's padding token has a position of its
/// own wherever it stands.
#[test]
fn padding_inside_a_text_is_not_counted_by_roberta() {
    for (family, alike) in [("roberta", true), ("bert", false)] {
        let config = config(family, &[]);
        let hidden = hidden_states(&config, &[vec![(3, 0), (PAD, 0), (PAD, 0), (5, 0)]]);
        let token = |at: usize| bits(&hidden[at * config.hidden..(at + 1) * config.hidden]);
        assert_eq!(token(1) == token(2), alike, "{family}");
    }
}

#[test]
fn input_that_does_not_fit_the_tables_is_refused() {
    let refuse = |family: &str, sequence: Vec<(u32, u32)>| -> Option<String> {
        let packed = Packed::new(&[vec![(2, 0)], sequence]);
        packed.input(None).check(&config(family, &[])).err().map(|error: Error| error.to_string())
    };
    let limit = "expected 1 to 7, which the model takes: lower --max-tokens";
    for family in families() {
        assert_eq!(refuse(family, vec![(3, 0); LONGEST]), None);
        assert_eq!(refuse(family, vec![(3, 0); 8]), Some(format!("a sequence has 8 tokens, {limit}")));
        assert_eq!(refuse(family, vec![]), Some(format!("a sequence has 0 tokens, {limit}")));
        assert_eq!(
            refuse(family, vec![(VOCABULARY, 0)]).unwrap(),
            "token id 9 is not below the model's vocabulary of 9: the tokenizer is another model's"
        );
    }
    assert_eq!(
        refuse("bert", vec![(3, 2)]).unwrap(),
        "segment 2, expected one below 2, the number of segments of the model"
    );
    assert_eq!(refuse("roberta", vec![(3, 2)]), None);
}
