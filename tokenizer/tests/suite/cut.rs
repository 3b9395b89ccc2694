//! Rows that are too long: what stays is what the library's own truncation leaves.

use crate::common::small_bert;
use mtlift_tokenizer::{Texts, Tokenizer};
use proptest::prelude::*;
use tokenizers::{TruncationParams, truncate_encodings};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn cutting_is_longest_first(a in 0_usize..40, b in prop::option::of(0_usize..40), max_tokens in 5_usize..40) {
        let folder = small_bert();
        let tokenizer = Tokenizer::open(folder.path(), max_tokens).unwrap();
        let (first, second) = (words(a), b.map(words));
        let row = Texts { first: &first, second: second.as_deref() };
        let ours = tokenizer.encode([row]).unwrap();
        let whole = tokenizer.lengths([row]).unwrap()[0];

        prop_assert_eq!(whole, a + 2 + b.map_or(0, |b| b + 1));
        prop_assert_eq!(ours.ids.len(), whole.min(max_tokens));
        prop_assert_eq!(ours.truncated, usize::from(whole > max_tokens));
        let of_b = ours.segments.iter().filter(|&&segment| segment == 1).count().saturating_sub(1);
        let of_a = ours.ids.len() - of_b - 2 - usize::from(b.is_some());
        prop_assert!(of_a == a || of_b == b.unwrap_or(0) || of_a.abs_diff(of_b) <= 1);
        prop_assert_eq!(&ours.ids, &reference_ids(&tokenizer, row, whole));
    }
}

fn words(count: usize) -> String {
    (0..count).map(|i| format!("w{} ", i % 10)).collect()
}

/// The library's own cut of two whole texts. (Its `encode` in 0.23.2 first cuts each text to the limit, and may then give
/// the odd token to the shorter one; 0.23.3 and the versions before do not.)
fn reference_ids(tokenizer: &Tokenizer, row: Texts<'_>, whole: usize) -> Vec<u32> {
    let library = tokenizer.library();
    let [a, b] =
        [Some(row.first), row.second].map(|text| text.map(|text| library.encode(text, false).unwrap()));
    let a = a.unwrap();
    let special = whole - a.len() - b.as_ref().map_or(0, |b| b.len());
    let limit =
        TruncationParams { max_length: tokenizer.max_tokens() - special, ..TruncationParams::default() };
    let (a, b) = truncate_encodings(a, b, &limit).unwrap();
    library.post_process(a, b, true).unwrap().get_ids().to_vec()
}

/// `golden/make_tokens.py` recorded them.
#[test]
fn cuts_are_those_of_hugging_face() {
    let golden: serde_json::Value = serde_json::from_str(include_str!("../golden/tokens.json")).unwrap();
    let cuts: Vec<[usize; 5]> =
        serde_json::from_value(golden["cuts: limit, a, b, a kept, b kept"].clone()).unwrap();
    assert_eq!(cuts.len(), 180);
    let folder = small_bert();
    for [limit, a, b, kept_a, kept_b] in cuts {
        let tokenizer = Tokenizer::open(folder.path(), limit).unwrap();
        let encoded = tokenizer.encode([(&*words(a), &*words(b))]).unwrap();
        let kept = [0, 1].map(|text| encoded.segments.iter().filter(|&&segment| segment == text).count());
        assert_eq!(kept, [kept_a + 2, kept_b + 1], "limit {limit}, texts of {a} and {b}");
    }
}
