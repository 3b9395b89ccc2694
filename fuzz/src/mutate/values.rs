//! Mutations of a JSON value that keep it JSON: one place of the tree is changed.

use std::sync::LazyLock;

use mtlift_nn::random::Generator;
use serde_json::{Map, Value, json};

use super::below;

/// Values of every type, and those at the ends of their ranges.
static ODD: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let all = r#"[
        null, true, false, 0, 1, 2, -1, 7, 255, 65536, 1000000, 4294967295, 4294967296, 9223372036854775807,
        18446744073709551615, -9223372036854775808, 0.0, -0.0, 0.5, 1e-9, 1e-300, 1.5, 1e9, 1e18, 1e300, -1e300, "", "a",
        "\u0000", "\n", "../../x", "[MASK]", "size", "capped:18446744073709551615", "temperature:0", [], [[]], {}, {"": null}
    ]"#;
    serde_json::from_str(all).expect("the list is JSON")
});

fn odd(random: &mut Generator) -> Value {
    ODD[below(random, ODD.len())].clone()
}

/// Changes a place or two.
pub(super) fn mutate(random: &mut Generator, value: &mut Value) {
    for _ in 0..=below(random, 2) {
        let places = count(value);
        let mut place = below(random, places);
        let donor = find(value, &mut below(random, places)).cloned().unwrap_or_default();
        if let Some(there) = find_mut(value, &mut place) {
            change(random, there, donor);
        }
    }
}

/// Changes one value; `donor` is another one of the same tree.
fn change(random: &mut Generator, value: &mut Value, donor: Value) {
    match (below(random, 6), &mut *value) {
        (0 | 1, Value::Array(items)) => list(random, items, donor),
        (0 | 1, Value::Object(fields)) => object(random, fields, donor),
        (0 | 1, Value::Number(number)) => {
            let was = number.as_f64().unwrap_or(0.0);
            let near = [was + 1.0, was - 1.0, -was, 2.0 * was, 10.0 * was, was / 3.0];
            *value = whole(near[below(random, near.len())]);
        }
        (0 | 1, Value::String(text)) => match below(random, 4) {
            0 => text.push_str("\u{1F600}x"),
            1 => drop(text.pop()),
            2 => *text = text.repeat(1 << below(random, 8)),
            _ => *text = text.chars().rev().collect(),
        },
        (2, _) => *value = donor,
        (3, _) => *value = json!([value.take()]),
        _ => *value = odd(random),
    }
}

/// A number that is written without a point where it can be.
fn whole(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 { json!(number as i64) } else { json!(number) }
}

fn list(random: &mut Generator, items: &mut Vec<Value>, donor: Value) {
    let place = below(random, items.len() + 1);
    match (below(random, 5), items.get(place).cloned()) {
        (0, Some(_)) => drop(items.remove(place)),
        (1, Some(item)) => items.insert(place, item),
        (2, Some(item)) => items.extend(std::iter::repeat_n(item, 1 << below(random, 8))),
        (3, _) => items.truncate(place),
        _ => items.insert(place, donor),
    }
}

fn object(random: &mut Generator, fields: &mut Map<String, Value>, donor: Value) {
    let keys: Vec<String> = fields.keys().cloned().collect();
    let Some(key) = keys.get(below(random, keys.len().max(1))) else {
        fields.insert("x".to_owned(), donor);
        return;
    };
    match below(random, 4) {
        0 => drop(fields.remove(key)),
        1 => drop(fields.insert(key.clone(), odd(random))),
        2 => drop(fields.insert(key.clone(), donor)),
        _ => {
            let moved = fields.remove(key).unwrap_or_default();
            fields.insert(keys[below(random, keys.len())].clone() + ["", "x"][below(random, 2)], moved);
        }
    }
}

/// The values of the tree, itself included.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// The value at a place, counted from the root down.
fn find<'a>(value: &'a Value, place: &mut usize) -> Option<&'a Value> {
    if *place == 0 {
        return Some(value);
    }
    *place -= 1;
    match value {
        Value::Array(items) => items.iter().find_map(|item| find(item, place)),
        Value::Object(fields) => fields.values().find_map(|item| find(item, place)),
        _ => None,
    }
}

fn find_mut<'a>(value: &'a mut Value, place: &mut usize) -> Option<&'a mut Value> {
    if *place == 0 {
        return Some(value);
    }
    *place -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| find_mut(item, place)),
        Value::Object(fields) => fields.values_mut().find_map(|item| find_mut(item, place)),
        _ => None,
    }
}
