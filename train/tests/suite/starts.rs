//! What a task's head takes over from the checkpoint's, for each way to start, row by row.

use mtlift_encoder::Config;
use mtlift_heads::Form;
use mtlift_nn::{Layout, Store};
use mtlift_schedule::HeadStart;
use mtlift_train::{Model, Origin, TaskHead};

use crate::folder::{Folder, task};

const FAMILIES: [&str; 2] = ["bert", "roberta"];

const SEED: u64 = 9;

/// A checkpoint, and heads put on it.
struct Case {
    folder: Folder,
    family: &'static str,
    layout: Layout,
    values: Store<f32>,
}

/// A head's parameters: the layer before the last, then a weight row and a bias for each logit.
#[derive(Clone, Debug, PartialEq)]
struct Head {
    dense: Vec<f32>,
    rows: Vec<(Vec<f32>, f32)>,
}

impl Case {
    fn new(family: &'static str, labels: &[&str]) -> Self {
        let folder = Folder::new();
        let (layout, values) = folder.write_model("model", family, labels);
        Self { folder, family, layout, values }
    }

    fn config(&self) -> Config {
        Config::read(&self.folder.path("model")).unwrap()
    }

    /// The head for a task of these labels.
    fn start(&self, labels: &[&str], start: HeadStart) -> (TaskHead, Head) {
        let head = TaskHead::to_train(&self.config(), &task(labels), start).unwrap();
        let (model, _) = Model::read(&self.folder.path("model"), self.config(), &head, SEED).unwrap();
        let parameters = parameters(self.family, model.network.layout(), &model.params);
        (head, parameters)
    }

    /// The head that the checkpoint has.
    fn there(&self) -> Head {
        parameters(self.family, &self.layout, &self.values)
    }

    /// That these starts give the drawn head of `fresh`.
    #[track_caller]
    fn assert_fresh(&self, labels: &[&str], starts: &[HeadStart]) {
        let (_, fresh) = self.start(labels, HeadStart::Fresh);
        for &start in starts {
            let (head, parameters) = self.start(labels, start);
            assert_eq!(head.origin, Origin::Fresh, "{start}");
            assert_eq!(head.describe_origin(), "drawn fresh");
            assert_eq!(parameters, fresh, "{start}");
        }
    }
}

fn parameters(family: &str, layout: &Layout, params: &Store<f32>) -> Head {
    let values = |name: &str| params.values()[layout.find(name).unwrap().range.clone()].to_vec();
    let Form { dense, projection, .. } = Form::of(family).unwrap();
    let bias = values(&format!("{projection}.bias"));
    let weight = values(&format!("{projection}.weight"));
    let rows = weight.chunks(weight.len() / bias.len()).map(<[f32]>::to_vec).zip(bias).collect();
    let dense = [values(&format!("{dense}.weight")), values(&format!("{dense}.bias"))].concat();
    Head { dense, rows }
}

#[test]
fn fresh_is_drawn_whatever_is_there() {
    for family in FAMILIES {
        let case = Case::new(family, &["no", "yes"]);
        case.assert_fresh(&["no", "yes"], &[HeadStart::Fresh]);
        let (_, drawn) = case.start(&["no", "yes"], HeadStart::Fresh);
        let there = case.there();
        assert!(drawn.rows.iter().all(|(_, bias)| *bias == 0.0));
        let rows = drawn.rows.iter().zip(&there.rows);
        assert!(rows.clone().all(|(drawn, there)| drawn.0 != there.0 && drawn.0.iter().any(|&w| w != 0.0)));
        // BERT's dense layer is the pooler, which is pre-trained; RoBERTa's is the head's own.
        assert_eq!(drawn.dense == there.dense, family == "bert", "{family}");
    }
}

#[test]
fn kept_is_the_checkpoints_in_its_order() {
    for family in FAMILIES {
        let case = Case::new(family, &["yes", "no"]);
        let (head, kept) = case.start(&["no", "yes"], HeadStart::Kept);
        assert_eq!((&head.origin, head.describe_origin()), (&Origin::Kept, "kept from the model"));
        assert_eq!(head.labels.names, ["yes", "no"]);
        assert_eq!(kept, case.there());
        case.assert_fresh(&["no", "maybe"], &[HeadStart::Kept]);
        case.assert_fresh(&["no", "yes", "maybe"], &[HeadStart::Kept]);
    }
}

/// From inference in three labels to two: `entailment` has a counterpart, `not_entailment` has none.
#[test]
fn mapped_by_name_takes_the_rows_of_the_same_name() {
    for family in FAMILIES {
        let case = Case::new(family, &["contradiction", "entailment", "neutral"]);
        let there = case.there();
        let labels = &["entailment", "not_entailment"];
        let (head, mapped) = case.start(labels, HeadStart::MappedByName);
        let from = vec![Some(1), None];
        assert_eq!(head.origin, Origin::Mapped { outputs: 3, from });
        assert_eq!(head.describe_origin(), "taken over from the model where labels have the same name");
        assert_eq!(head.labels.names, labels);
        let (_, fresh) = case.start(labels, HeadStart::Fresh);
        assert_eq!(mapped.rows, [there.rows[1].clone(), fresh.rows[1].clone()]);
        assert_eq!(mapped.dense, there.dense);

        let (head, turned) = case.start(&["neutral", "contradiction", "entailment"], HeadStart::MappedByName);
        assert_eq!(head.describe_origin(), "taken over from the model");
        assert_eq!(turned.rows, [2, 0, 1].map(|row: usize| there.rows[row].clone()));
        case.assert_fresh(&["equivalent", "different"], &[HeadStart::MappedByName]);
    }
}

#[test]
fn shared_by_count_takes_the_rows_in_their_order() {
    for family in FAMILIES {
        let case = Case::new(family, &["entailment", "not_entailment"]);
        let (head, shared) = case.start(&["different", "equivalent"], HeadStart::SharedByCount);
        let from = vec![Some(0), Some(1)];
        assert_eq!(head.origin, Origin::Mapped { outputs: 2, from });
        assert_eq!(head.describe_origin(), "taken over from the model");
        assert_eq!(head.labels.names, ["different", "equivalent"]);
        assert_eq!(shared, case.there());
        case.assert_fresh(&["no", "maybe", "yes"], &[HeadStart::SharedByCount]);
    }
}

const TAKING_OVER: [HeadStart; 3] = [HeadStart::Kept, HeadStart::MappedByName, HeadStart::SharedByCount];

#[test]
fn a_regression_goes_on_as_a_regression() {
    for family in FAMILIES {
        let case = Case::new(family, &["similarity"]);
        for start in TAKING_OVER {
            let (head, parameters) = case.start(&["LABEL_0"], start);
            assert_ne!(head.origin, Origin::Fresh, "{start}");
            assert_eq!(parameters, case.there(), "{start}");
        }
        case.assert_fresh(&["no", "yes"], &TAKING_OVER);
        Case::new(family, &["no", "yes"]).assert_fresh(&["LABEL_0"], &TAKING_OVER);
    }
}

#[test]
fn a_checkpoint_without_head_gives_none() {
    for family in FAMILIES {
        let case = Case::new(family, &[]);
        case.assert_fresh(&["no", "yes"], &TAKING_OVER);
        case.assert_fresh(&["LABEL_0"], &TAKING_OVER);
    }
}
