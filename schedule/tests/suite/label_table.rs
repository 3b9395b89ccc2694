//! Tables between labels: what follows from names, and what is no table.

use mtlift_schedule::LabelTable;

fn names(labels: &[&str]) -> Vec<String> {
    labels.iter().map(|&label| label.to_owned()).collect()
}

fn table(from: &[&str], to: &[&str]) -> Option<Vec<f64>> {
    let (from, to) = (names(from), names(to));
    LabelTable::by_names(("first", &from), ("second", &to))?.probabilities(&from, &to)
}

#[test]
fn mnli_says_what_rte_is() {
    let (mnli, rte) = (["entailment", "neutral", "contradiction"], ["entailment", "not_entailment"]);
    assert_eq!(table(&mnli, &rte).unwrap(), [1.0, 0.0, 0.0, 1.0, 0.0, 1.0]);
    assert_eq!(table(&rte, &mnli), None, "what is not entailed is one of two");
    assert_eq!(table(&rte, &rte).unwrap(), [1.0, 0.0, 0.0, 1.0]);
    assert_eq!(table(&rte, &["not_entailment", "entailment"]).unwrap(), [0.0, 1.0, 1.0, 0.0]);
}

/// Else a task of two labels would teach one of three that no row is neutral.
#[test]
fn a_label_that_is_said_by_none_makes_no_table() {
    let (two, three) = (["negative", "positive"], ["negative", "neutral", "positive"]);
    assert_eq!(table(&two, &three), None);
    assert_eq!(table(&three, &two), None, "what is neutral may be either");
}

#[test]
fn names_that_say_nothing_make_no_table() {
    for (from, to) in [
        (["0", "1"], ["0", "1"]),
        (["no", "yes"], ["no", "yes"]),
        (["negative", "positive"], ["entailment", "not_entailment"]),
        (["a", "b"], ["not_a", "not_b"]),
    ] {
        // Of the last, `a` says `not_b` and `b` says `not_a`.
        assert_eq!(table(&from, &to).is_some(), to == ["not_a", "not_b"], "{from:?} and {to:?}");
    }
}

#[test]
fn a_table_of_other_labels_or_of_no_distributions_is_none() {
    let (from, to) = (names(&["a", "b"]), names(&["c", "d"]));
    let read = |json: &str| serde_json::from_str::<LabelTable>(json).unwrap().probabilities(&from, &to);
    let of = |rows: &str| read(&format!(r#"{{"from": "first", "to": "second", "rows": {rows}}}"#));
    assert_eq!(of(r#"{"a": {"c": 0.25, "d": 0.75}, "b": {"d": 1}}"#).unwrap(), [0.25, 0.75, 0.0, 1.0]);
    for wrong in [
        r#"{"a": {"c": 0.25, "d": 0.5}, "b": {"d": 1}}"#,
        r#"{"a": {"c": 1}}"#,
        r#"{"a": {"c": 1}, "b": {"e": 1}}"#,
        r#"{"a": {"c": 1}, "b": {"c": 2, "d": -1}}"#,
        r#"{"a": {"c": 1}, "b": {"c": 1}, "e": {"c": 1}}"#,
    ] {
        assert_eq!(of(wrong), None, "{wrong}");
    }
}
