//! What a `config.json` says, and which ones are refused, with what words.

use std::path::Path;

use mtlift_encoder::{Config, Error, Labels, ProblemType};
use mtlift_nn::Activation;
use serde_json::{Value, json};

use crate::files::{directory, message, object};

fn base(model_type: &str) -> Value {
    json!({
        "model_type": model_type, "vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 4, "intermediate_size": 64, "max_position_embeddings": 40
    })
}

fn distilbert() -> Value {
    json!({
        "model_type": "distilbert", "vocab_size": 99, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64,
        "max_position_embeddings": 40
    })
}

fn with(mut json: Value, changes: Value) -> Value {
    json.as_object_mut().unwrap().extend(object(changes));
    json
}

fn parse(json: Value) -> Result<Config, Error> {
    Config::from_json(object(json), Path::new("config.json"))
}

fn refusal(json: Value) -> String {
    parse(json).expect_err("this configuration must be refused").to_string()
}

#[test]
fn absent_keys_have_the_values_of_transformers() {
    let bert = parse(base("bert")).unwrap();
    assert_eq!((bert.family.to_string().as_str(), bert.model_type.as_str()), ("BERT", "bert"));
    assert_eq!((bert.vocabulary, bert.hidden, bert.layers, bert.heads), (99, 32, 2, 4));
    assert_eq!((bert.feed_forward, bert.positions, bert.segments, bert.embedding), (64, 40, 2, 32));
    assert_eq!(
        (bert.activation, bert.layer_norm_eps, bert.initializer_range),
        (Activation::Gelu, 1e-12, 0.02)
    );
    assert_eq!((bert.hidden_dropout, bert.attention_dropout, bert.classifier_dropout), (0.1, 0.1, 0.1));
    assert_eq!((bert.pad_token, bert.first_position(), bert.max_tokens(), bert.head), (0, 0, 40, None));

    let electra = parse(base("electra")).unwrap();
    assert_eq!((electra.family.prefix(), electra.hidden, electra.embedding), ("electra", 32, 128));

    let distilbert = parse(distilbert()).unwrap();
    assert_eq!(
        (distilbert.family.prefix(), distilbert.segments, distilbert.layer_norm_eps),
        ("distilbert", 0, 1e-12)
    );
    assert_eq!(
        (distilbert.hidden, distilbert.layers, distilbert.heads, distilbert.feed_forward),
        (32, 2, 4, 64)
    );
    assert_eq!((distilbert.hidden_dropout, distilbert.attention_dropout), (0.1, 0.1));
    assert_eq!(distilbert.classifier_dropout, 0.2);
}

#[test]
fn roberta_counts_positions_from_after_the_padding() {
    for model_type in ["roberta", "xlm-roberta", "camembert"] {
        let config = parse(base(model_type)).unwrap();
        assert_eq!((config.family.to_string().as_str(), config.family.prefix()), ("RoBERTa", "roberta"));
        assert_eq!((config.pad_token, config.first_position(), config.max_tokens()), (1, 2, 38));
    }
    let other_padding = parse(with(base("roberta"), json!({"pad_token_id": 5}))).unwrap();
    assert_eq!((other_padding.first_position(), other_padding.max_tokens()), (6, 34));
}

#[test]
fn each_family_reads_its_own_keys() {
    let changes = json!({
        "hidden_act": "relu", "layer_norm_eps": 1e-5, "hidden_dropout_prob": 0.3,
        "attention_probs_dropout_prob": 0.4, "type_vocab_size": 3, "initializer_range": 0.01, "pad_token_id": 7
    });
    let bert = parse(with(base("bert"), changes)).unwrap();
    assert_eq!((bert.activation, bert.layer_norm_eps), (Activation::Relu, 1e-5));
    assert_eq!((bert.hidden_dropout, bert.attention_dropout, bert.classifier_dropout), (0.3, 0.4, 0.3));
    assert_eq!((bert.segments, bert.initializer_range, bert.pad_token), (3, 0.01, 7));

    let changes = json!({
        "activation": "gelu_new", "dropout": 0.3, "attention_dropout": 0.4, "seq_classif_dropout": 0.5,
        "sinusoidal_pos_embds": true
    });
    let distilbert = parse(with(distilbert(), changes)).unwrap();
    assert_eq!(distilbert.activation, Activation::GeluTanh);
    assert_eq!((distilbert.hidden_dropout, distilbert.attention_dropout), (0.3, 0.4));
    assert_eq!(distilbert.classifier_dropout, 0.5);

    let electra = parse(with(base("electra"), json!({"embedding_size": 16}))).unwrap();
    assert_eq!((electra.embedding, electra.hidden), (16, 32));
}

#[test]
fn the_classifier_dropout_is_the_hidden_one_unless_given() {
    let dropout = |changes| parse(with(base("roberta"), changes)).unwrap().classifier_dropout;
    assert_eq!(dropout(json!({"hidden_dropout_prob": 0.3})), 0.3);
    assert_eq!(dropout(json!({"hidden_dropout_prob": 0.3, "classifier_dropout": null})), 0.3);
    assert_eq!(dropout(json!({"hidden_dropout_prob": 0.3, "classifier_dropout": 0})), 0.0);
}

#[test]
fn activations_go_by_their_names_in_transformers() {
    let names = [
        ("gelu", Activation::Gelu),
        ("gelu_python", Activation::Gelu),
        ("gelu_new", Activation::GeluTanh),
        ("gelu_fast", Activation::GeluTanh),
        ("gelu_pytorch_tanh", Activation::GeluTanh),
        ("gelu_accurate", Activation::GeluTanh),
        ("relu", Activation::Relu),
        ("silu", Activation::Silu),
        ("swish", Activation::Silu),
        ("tanh", Activation::Tanh),
    ];
    for (name, activation) in names {
        assert_eq!(
            parse(with(base("bert"), json!({"hidden_act": name}))).unwrap().activation,
            activation,
            "{name}"
        );
    }
}

#[test]
fn keys_that_change_nothing_are_accepted() {
    let changes = json!({
        "unheard_of": {"a": 1}, "is_decoder": false, "add_cross_attention": null, "pruned_heads": {},
        "position_embedding_type": "absolute", "embedding_size": 32
    });
    assert_eq!(parse(with(base("bert"), changes)).unwrap().embedding, 32);
}

#[test]
fn networks_that_are_not_supported_are_refused_by_name() {
    let cases = [
        (
            json!({"model_type": "gpt2"}),
            "`model_type` is \"gpt2\", expected one of bert, roberta, xlm-roberta, camembert, distilbert, electra",
        ),
        (
            json!({"model_type": null}),
            "`model_type` is missing, expected one of bert, roberta, xlm-roberta, camembert, distilbert, electra",
        ),
        (json!({"is_decoder": true}), "`is_decoder` is true, expected false: only encoders are supported"),
        (
            json!({"add_cross_attention": true}),
            "`add_cross_attention` is true, expected false: only encoders are supported",
        ),
        (
            json!({"position_embedding_type": "relative_key"}),
            "`position_embedding_type` is \"relative_key\", expected \"absolute\", the only kind supported",
        ),
        (
            json!({"pruned_heads": {"1": [0]}}),
            "`pruned_heads` is {\"1\":[0]}, expected none: layers with different numbers of heads are not supported",
        ),
        (
            json!({"hidden_act": "mish"}),
            "`hidden_act` is \"mish\", expected one of gelu, gelu_python, gelu_new, gelu_fast, gelu_pytorch_tanh, \
             gelu_accurate, relu, silu, swish, tanh",
        ),
        (
            json!({"embedding_size": 16}),
            "`embedding_size` is 16, expected none, or the hidden width 32, since BERT does not project embeddings",
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(refusal(with(base("bert"), changes)), format!("config.json: {expected}"));
    }
}

#[test]
fn sizes_that_are_missing_wrong_or_do_not_fit_are_refused() {
    let cases = [
        (json!({"hidden_size": null}), "`hidden_size` is missing, expected a whole number from 1 to 65536"),
        (json!({"vocab_size": 0}), "`vocab_size` is 0, expected a whole number from 1 to 16777216"),
        (json!({"num_hidden_layers": 0}), "`num_hidden_layers` is 0, expected a whole number from 1 to 1024"),
        (
            json!({"num_attention_heads": 0}),
            "`num_attention_heads` is 0, expected a whole number from 1 to 65536",
        ),
        (
            json!({"intermediate_size": -1}),
            "`intermediate_size` is -1, expected a whole number from 1 to 262144",
        ),
        (json!({"type_vocab_size": 0}), "`type_vocab_size` is 0, expected a whole number from 1 to 65536"),
        (json!({"hidden_size": 32.5}), "`hidden_size` is 32.5, expected a whole number from 1 to 65536"),
        (json!({"hidden_size": "32"}), "`hidden_size` is \"32\", expected a whole number from 1 to 65536"),
        (
            json!({"hidden_size": u64::MAX}),
            "`hidden_size` is 18446744073709551615, expected a whole number from 1 to 65536",
        ),
        (
            json!({"max_position_embeddings": 1_u64 << 40}),
            "`max_position_embeddings` is 1099511627776, expected a whole number from 1 to 16777216",
        ),
        (json!({"hidden_size": 30}), "`hidden_size` is 30, expected a multiple of `num_attention_heads`, 4"),
        (json!({"pad_token_id": 99}), "`pad_token_id` is 99, expected a whole number from 0 to 98"),
        (json!({"layer_norm_eps": 0.0}), "`layer_norm_eps` is 0.0, expected a number above 0"),
        (json!({"initializer_range": -0.02}), "`initializer_range` is -0.02, expected a number above 0"),
        (
            json!({"hidden_dropout_prob": 1.0}),
            "`hidden_dropout_prob` is 1.0, expected a probability of at least 0 and below 1",
        ),
        (
            json!({"attention_probs_dropout_prob": -0.1}),
            "`attention_probs_dropout_prob` is -0.1, expected a probability of at least 0 and below 1",
        ),
        (
            json!({"classifier_dropout": "none"}),
            "`classifier_dropout` is \"none\", expected a probability of at least 0 and below 1",
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(refusal(with(base("bert"), changes)), format!("config.json: {expected}"));
    }
    assert_eq!(
        refusal(with(base("roberta"), json!({"max_position_embeddings": 2}))),
        "config.json: `max_position_embeddings` is 2, expected more than 2: positions start after `pad_token_id`"
    );
    assert_eq!(
        refusal(with(distilbert(), json!({"dim": 30}))),
        "config.json: `dim` is 30, expected a multiple of `n_heads`, 4"
    );
}

fn head(changes: Value) -> Option<Labels> {
    parse(with(base("bert"), changes)).unwrap().head
}

fn labels(names: &[&str], problem_type: ProblemType) -> Option<Labels> {
    Some(Labels { names: names.iter().map(|&name| name.to_owned()).collect(), problem_type })
}

#[test]
fn labels_are_in_the_order_of_their_ids() {
    use ProblemType::{Regression, SingleLabelClassification};
    let classifier = "BertForSequenceClassification";
    let twelve: Vec<_> = (0..12).map(|id| format!("name {id}")).collect();
    let id2label: serde_json::Map<_, _> =
        twelve.iter().enumerate().map(|(i, n)| (i.to_string(), json!(n))).collect();
    let cases = [
        (json!({"architectures": [classifier]}), labels(&["LABEL_0", "LABEL_1"], SingleLabelClassification)),
        (json!({"num_labels": 3}), labels(&["LABEL_0", "LABEL_1", "LABEL_2"], SingleLabelClassification)),
        (json!({"num_labels": 1}), labels(&["LABEL_0"], Regression)),
        (
            json!({"id2label": {"1": "no", "0": "yes"}, "label2id": {"no": 1, "yes": 0}}),
            labels(&["yes", "no"], SingleLabelClassification),
        ),
        (json!({"id2label": {"0": "score"}, "problem_type": "regression"}), labels(&["score"], Regression)),
        (
            json!({"id2label": id2label}),
            Some(Labels { names: twelve.clone(), problem_type: SingleLabelClassification }),
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(head(changes.clone()), expected, "{changes}");
    }
}

#[test]
fn a_head_of_another_kind_is_not_one_for_sequences() {
    let tags = json!({"architectures": ["BertForTokenClassification"], "id2label": {"0": "O", "1": "B-PER"}});
    assert_eq!(head(tags), None);
    assert_eq!(head(json!({"architectures": ["BertForMaskedLM"]})), None);
    assert_eq!(head(json!({})), None);
}

#[test]
fn placeholders_are_known_as_such() {
    let placeholders = |changes| head(changes).unwrap().are_placeholders();
    assert!(placeholders(json!({"num_labels": 3})));
    assert!(placeholders(json!({"id2label": {"0": "LABEL_0", "1": "LABEL_1"}})));
    assert!(!placeholders(json!({"id2label": {"0": "LABEL_1", "1": "LABEL_0"}})));
    assert!(!placeholders(json!({"id2label": {"0": "no", "1": "yes"}})));
}

#[test]
fn labels_that_contradict_each_other_are_refused() {
    let two = json!({"0": "no", "1": "yes"});
    let cases = [
        (
            json!({"id2label": {"0": "no", "2": "yes"}}),
            "`id2label` is {\"0\":\"no\",\"2\":\"yes\"}, expected a name for each id from 0 on, without a gap",
        ),
        (
            json!({"id2label": {"1": "no", "2": "yes"}}),
            "`id2label` is {\"1\":\"no\",\"2\":\"yes\"}, expected a name for each id from 0 on, without a gap",
        ),
        (json!({"id2label": {}}), "`id2label` is {}, expected a name for each id from 0 on, without a gap"),
        (json!({"id2label": [1]}), "`id2label` is [1], expected a name for each id from 0 on, without a gap"),
        (
            json!({"id2label": {"0": "no", "1": "no"}}),
            "`id2label` is {\"0\":\"no\",\"1\":\"no\"}, expected a different name for each id",
        ),
        (
            json!({"id2label": two, "label2id": {"no": 1, "yes": 0}}),
            "`label2id` is {\"no\":1,\"yes\":0}, expected the inverse of `id2label`, whose names are [\"no\", \"yes\"]",
        ),
        (
            json!({"id2label": two, "label2id": {"no": 0}}),
            "`label2id` is {\"no\":0}, expected the inverse of `id2label`, whose names are [\"no\", \"yes\"]",
        ),
        (
            json!({"id2label": two, "num_labels": 3}),
            "`num_labels` is 3, expected the number of names in `id2label`, 2",
        ),
        (
            json!({"num_labels": 2, "problem_type": "multi_label_classification"}),
            "`problem_type` is \"multi_label_classification\", expected \"regression\" or \
             \"single_label_classification\"; several labels at once are not supported",
        ),
        (
            json!({"num_labels": 2, "problem_type": "regression"}),
            "`problem_type` is \"regression\", expected \"single_label_classification\", since there are 2 labels",
        ),
        (
            json!({"num_labels": 1, "problem_type": "single_label_classification"}),
            "`problem_type` is \"single_label_classification\", expected \"regression\", since there is one label",
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(refusal(with(base("bert"), changes)), format!("config.json: {expected}"));
    }
}

#[test]
fn a_long_value_is_shortened_in_the_message() {
    let many: serde_json::Map<_, _> = (1..9999).map(|id| (id.to_string(), json!("ä"))).collect();
    let message = refusal(with(base("bert"), json!({"id2label": many})));
    assert!(message.len() < 300 && message.contains('…'), "{message}");
}

#[test]
fn an_export_is_the_original_with_the_new_head() {
    let original = with(
        base("xlm-roberta"),
        json!({
            "architectures": ["XLMRobertaForMaskedLM"], "num_labels": 5, "torch_dtype": "float16",
            "unheard_of": [1, {"a": null}], "_name_or_path": "somewhere"
        }),
    );
    let names = ["entailment", "not_entailment"].map(str::to_owned);
    let exported = parse(original).unwrap().to_json(&names, ProblemType::SingleLabelClassification);
    let expected = with(
        base("xlm-roberta"),
        json!({
            "architectures": ["XLMRobertaForSequenceClassification"], "dtype": "float32",
            "id2label": {"0": "entailment", "1": "not_entailment"},
            "label2id": {"entailment": 0, "not_entailment": 1}, "problem_type": "single_label_classification",
            "unheard_of": [1, {"a": null}], "_name_or_path": "somewhere"
        }),
    );
    assert_eq!(exported, expected);
}

#[test]
fn an_export_is_read_as_it_was_written() {
    use ProblemType::{Regression, SingleLabelClassification};
    let classes = [
        ("bert", "BertForSequenceClassification"),
        ("roberta", "RobertaForSequenceClassification"),
        ("xlm-roberta", "XLMRobertaForSequenceClassification"),
        ("camembert", "CamembertForSequenceClassification"),
        ("distilbert", "DistilBertForSequenceClassification"),
        ("electra", "ElectraForSequenceClassification"),
    ];
    let heads: [(&[&str], _); 2] = [(&["b", "a", "c"], SingleLabelClassification), (&["score"], Regression)];
    for (model_type, class) in classes {
        let original = if model_type == "distilbert" { distilbert() } else { base(model_type) };
        for (names, problem_type) in heads {
            let labels = labels(names, problem_type).unwrap();
            let json = parse(original.clone()).unwrap().to_json(&labels.names, problem_type);
            assert_eq!(json["architectures"], json!([class]));
            assert_eq!(parse(json).unwrap().head, Some(labels));
        }
    }
}

#[test]
fn a_file_that_is_absent_or_not_json_is_named() {
    let directory = directory();
    let refused = || message(&Config::read(directory.path()).unwrap_err(), directory.path());
    assert_eq!(
        refused(),
        "DIR has no config.json: expected the directory of a model, with config.json, its weights and its tokenizer"
    );
    std::fs::write(directory.path().join("config.json"), "{\"model_type\": \"bert\"").unwrap();
    assert_eq!(refused(), "DIR/config.json: not valid JSON: EOF while parsing an object at line 1 column 21");
    std::fs::write(directory.path().join("config.json"), "[]").unwrap();
    assert_eq!(
        refused(),
        "DIR/config.json: not valid JSON: invalid type: sequence, expected a map at line 1 column 0"
    );
}
