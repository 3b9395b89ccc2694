//! What a configuration says of the classification head: the labels in the order of the logits. They are names, never
//! positions in somebody's list, because checkpoints of one task differ in their order.

use serde_json::{Map, Value};

use super::keys::Keys;
use crate::Error;

/// What a head predicts; transformers' `problem_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemType {
    /// One number.
    Regression,
    /// One of several labels.
    SingleLabelClassification,
}

/// The labels of a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Their names in the order of the logits; `LABEL_0`, `LABEL_1`, .. if the configuration names none. A regression
    /// has one.
    pub names: Vec<String>,
    /// What the head predicts.
    pub problem_type: ProblemType,
}

impl ProblemType {
    /// Its name in transformers.
    pub fn name(self) -> &'static str {
        match self {
            ProblemType::Regression => "regression",
            ProblemType::SingleLabelClassification => "single_label_classification",
        }
    }
}

impl Labels {
    /// Whether the names say nothing: all are `LABEL_0`, `LABEL_1`, .. as transformers makes them up.
    pub fn are_placeholders(&self) -> bool {
        self.names.iter().enumerate().all(|(id, name)| *name == placeholder(id))
    }

    /// What `keys` say of the head, or nothing if they describe a model without one for sequence classification.
    pub(super) fn read(keys: Keys<'_>) -> Result<Option<Labels>, Error> {
        let described = match keys.get("architectures").and_then(Value::as_array) {
            Some(classes) => {
                let mut classes = classes.iter().filter_map(Value::as_str);
                classes.any(|class| class.ends_with("ForSequenceClassification"))
            }
            None => ["id2label", "num_labels", "problem_type"].iter().any(|key| keys.get(key).is_some()),
        };
        if !described {
            return Ok(None);
        }
        let names = names(keys)?;
        let problem_type = problem_type(keys, names.len())?;
        Ok(Some(Labels { names, problem_type }))
    }

    /// `id2label` and `label2id` of these names.
    pub(super) fn to_json(names: &[String]) -> (Value, Value) {
        let numbered = || names.iter().enumerate();
        let id2label: Map<_, _> =
            numbered().map(|(id, name)| (id.to_string(), name.as_str().into())).collect();
        let label2id: Map<_, _> = numbered().map(|(id, name)| (name.clone(), id.into())).collect();
        assert_eq!(label2id.len(), names.len(), "two labels have the same name: {names:?}");
        (id2label.into(), label2id.into())
    }
}

fn placeholder(id: usize) -> String {
    format!("LABEL_{id}")
}

/// The names in `id2label`, checked against `num_labels` and `label2id`.
fn names(keys: Keys<'_>) -> Result<Vec<String>, Error> {
    const MOST: usize = 1 << 16;
    let Some(id2label) = keys.get("id2label") else {
        let count = keys.whole("num_labels", 1, MOST, Some(2))?;
        return Ok((0..count).map(placeholder).collect());
    };
    let named = |map: &Map<String, Value>| -> Option<Vec<String>> {
        (0..map.len()).map(|id| Some(map.get(&id.to_string())?.as_str()?.to_owned())).collect()
    };
    let names = id2label
        .as_object()
        .and_then(named)
        .filter(|names| !names.is_empty())
        .ok_or_else(|| keys.refuse("id2label", "a name for each id from 0 on, without a gap"))?;
    if keys.get("num_labels").is_some_and(|count| count.as_u64() != Some(names.len() as u64)) {
        return Err(keys.refuse("num_labels", format!("the number of names in `id2label`, {}", names.len())));
    }
    if let Some(label2id) = keys.get("label2id") {
        let inverse = label2id.as_object().is_some_and(|map| {
            let id = |name: &String| map.get(name).and_then(Value::as_u64);
            map.len() == names.len() && names.iter().enumerate().all(|(i, name)| id(name) == Some(i as u64))
        });
        if !inverse {
            let expected = format!("the inverse of `id2label`, whose names are {names:?}");
            return Err(keys.refuse("label2id", expected));
        }
    }
    let mut sorted: Vec<_> = names.iter().collect();
    sorted.sort();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(keys.refuse("id2label", "a different name for each id"));
    }
    Ok(names)
}

/// The `problem_type`; absent, one label is a regression, as in transformers.
fn problem_type(keys: Keys<'_>, labels: usize) -> Result<ProblemType, Error> {
    let key = "problem_type";
    let problem_type = match keys.get(key).map(Value::as_str) {
        None if labels == 1 => ProblemType::Regression,
        None | Some(Some("single_label_classification")) => ProblemType::SingleLabelClassification,
        Some(Some("regression")) => ProblemType::Regression,
        Some(_) => {
            let expected =
                "\"regression\" or \"single_label_classification\"; several labels at once are not supported";
            return Err(keys.refuse(key, expected));
        }
    };
    match (problem_type, labels) {
        (ProblemType::Regression, 2..) => {
            Err(keys.refuse(key, format!("\"single_label_classification\", since there are {labels} labels")))
        }
        (ProblemType::SingleLabelClassification, 1) => {
            Err(keys.refuse(key, "\"regression\", since there is one label"))
        }
        _ => Ok(problem_type),
    }
}
