//! Properties: what is written is read, whatever the texts; packing loses nothing; splitting keeps its promises.

use crate::common::{Folder, pair_task};
use mtlift_glue_data::{Batch, Format, Target, stratified_split};
use mtlift_tokenizer::Encoded;
use proptest::collection::vec;
use proptest::prelude::*;
use rand::RngCore;
use serde_json::json;
use std::collections::BTreeMap;

/// Texts of any characters that a format can hold, quotes, commas and exotic spaces among them.
fn text(forbidden: &'static str) -> impl Strategy<Value = String> {
    let character = prop_oneof![
        any::<char>(),
        prop::sample::select(vec!['"', '\'', ',', '\\', '\u{a0}', '\u{2028}', 'é'])
    ];
    vec(character, 0..12).prop_map(move |text| text.into_iter().filter(|c| !forbidden.contains(*c)).collect())
}

fn rows(forbidden: &'static str) -> impl Strategy<Value = Vec<(String, String, bool)>> {
    vec((text(forbidden), text(forbidden), any::<bool>()), 1..8)
}

fn label(class: bool) -> &'static str {
    if class { "yes" } else { "no" }
}

fn assert_read(content: &str, format: Format, rows: &[(String, String, bool)]) {
    let folder = Folder::with(&[("rows", content.as_bytes())]);
    let split = pair_task(folder.path().join("rows"), format).read("train").unwrap();
    let expected =
        rows.iter().map(|(a, b, class)| (a.as_str(), b.as_str(), Target::Class(usize::from(*class))));
    let read =
        split.examples.iter().map(|e| (e.text_a.as_str(), e.text_b.as_deref().unwrap(), e.target.unwrap()));
    assert_eq!(read.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn tsv(rows in rows("\t\n"), ends in prop::sample::select(vec!["\n", "\r\n"]), last_end: bool, mark: bool) {
        let lines: Vec<_> = rows.iter().map(|(a, b, class)| format!("{a}\t{b}\t{}", label(*class))).collect();
        let mark = if mark { "\u{feff}" } else { "" };
        let end = if last_end { ends } else { "" };
        // Without a mark of its own a file that begins with U+FEFF begins with a mark.
        prop_assume!(!mark.is_empty() || !rows[0].0.starts_with('\u{feff}'));
        assert_read(&format!("{mark}{}{end}", lines.join(ends)), Format::Tsv, &rows);
    }

    #[test]
    fn csv(rows in rows("")) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for (a, b, class) in &rows {
            writer.write_record([a, b, label(*class)]).unwrap();
        }
        let content = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        prop_assume!(!content.starts_with('\u{feff}'));
        assert_read(&content, Format::Csv, &rows);
    }

    #[test]
    fn jsonl(rows in rows("")) {
        let object = |(a, b, class): &(String, String, bool)| json!({ "a": a, "b": b, "label": label(*class) });
        let content: String = rows.iter().map(|row| format!("{}\n", object(row))).collect();
        assert_read(&content, Format::Jsonl, &rows);
    }

    #[test]
    fn packing(lengths in vec(0_usize..9, 1..12), picks in vec(any::<prop::sample::Index>(), 0..12)) {
        let encoded = encoded(&lengths);
        let rows: Vec<usize> = picks.iter().map(|pick| pick.index(lengths.len())).collect();
        let mut batch = Batch::default();
        batch.pack(&encoded, &[0]);
        batch.pack(&encoded, &rows);
        prop_assert_eq!(batch.sequences(), rows.len());
        prop_assert_eq!(batch.tokens(), rows.iter().map(|&row| lengths[row]).sum::<usize>());
        for (i, &row) in rows.iter().enumerate() {
            let there = batch.offsets[i]..batch.offsets[i + 1];
            prop_assert_eq!(&batch.ids[there.clone()], &encoded.ids[encoded.range(row)]);
            prop_assert_eq!(&batch.segments[there], &encoded.segments[encoded.range(row)]);
        }
    }

    #[test]
    fn splitting_by_class(classes in vec(0_usize..4, 1..60), fraction in 0.0_f64..1.0, seed: u64) {
        let targets: Vec<Target> = classes.iter().map(|&class| Target::Class(class)).collect();
        let wanted = (fraction * targets.len() as f64) as usize;
        let (train, held_out) = stratified_split(&targets, wanted, &mut Weyl(seed));
        assert_partition(&train, &held_out, targets.len());
        prop_assert!(held_out.len() <= wanted);
        let mut counts = BTreeMap::<usize, [usize; 2]>::new();
        train.iter().for_each(|&row| counts.entry(classes[row]).or_default()[0] += 1);
        held_out.iter().for_each(|&row| counts.entry(classes[row]).or_default()[1] += 1);
        for (class, [kept, out]) in counts {
            prop_assert!(kept >= 1, "class {class} has left train");
            let share = (kept + out) as f64 * wanted as f64 / targets.len() as f64;
            prop_assert!((out as f64 - share).abs() <= 1.0 || kept == 1, "class {class}: {out} of share {share}");
        }
        prop_assert_eq!(stratified_split(&targets, wanted, &mut Weyl(seed)), (train, held_out));
    }

    #[test]
    fn splitting_by_value(values in vec(-5_f32..5.0, 2..80), seed: u64) {
        let targets: Vec<Target> = values.iter().map(|&value| Target::Value(value)).collect();
        let wanted = targets.len() / 5;
        let (train, held_out) = stratified_split(&targets, wanted, &mut Weyl(seed));
        assert_partition(&train, &held_out, targets.len());
        prop_assert_eq!(held_out.len(), wanted);
        let mut by_value: Vec<usize> = (0..values.len()).collect();
        by_value.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        for group in by_value.chunks(values.len().div_ceil(10).max(2)) {
            let out = group.iter().filter(|row| held_out.contains(row)).count() as f64;
            let share = (group.len() * wanted) as f64 / values.len() as f64;
            prop_assert!((out - share).abs() <= 1.0, "{out} of share {share}");
        }
    }
}

fn assert_partition(train: &[usize], held_out: &[usize], rows: usize) {
    assert!(train.is_sorted() && held_out.is_sorted());
    let mut all = [train, held_out].concat();
    all.sort_unstable();
    assert_eq!(all, (0..rows).collect::<Vec<_>>());
}

/// Rows of the given lengths, every token different.
fn encoded(lengths: &[usize]) -> Encoded {
    let mut encoded = Encoded::default();
    for length in lengths {
        for _ in 0..*length {
            encoded.ids.push(encoded.ids.len() as u32);
            encoded.segments.push(encoded.ids.len() as u32 % 2);
        }
        encoded.offsets.push(encoded.ids.len());
    }
    encoded
}

/// A generator for tests: a Weyl sequence, mixed.
struct Weyl(u64);

impl RngCore for Weyl {
    fn next_u32(&mut self) -> u32 {
        (self.next_u64() >> 32) as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        mixed ^ (mixed >> 32)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.next_u32() as u8);
    }
}

#[test]
fn a_grown_batch_allocates_nothing() {
    let encoded = encoded(&[5, 3, 8]);
    let mut batch = Batch::default();
    batch.pack(&encoded, &[2, 2, 0]);
    let memory = |batch: &Batch| (batch.ids.as_ptr(), batch.segments.as_ptr(), batch.offsets.as_ptr());
    let before = memory(&batch);
    for rows in [[0, 1, 2], [2, 2, 0], [1, 1, 1]] {
        batch.pack(&encoded, &rows);
        assert_eq!(memory(&batch), before);
    }
}

#[test]
fn a_batch_mixes_sources() {
    let (one, other) = (encoded(&[2, 3]), encoded(&[1, 4]));
    let mut batch = Batch::default();
    batch.push(&one, 1);
    batch.push(&other, 1);
    assert_eq!((batch.ids, batch.offsets), (vec![2, 3, 4, 1, 2, 3, 4], vec![0, 3, 7]));
}
