//! Tokenizers trained on text.

use crate::common::Folder;
use mtlift_tokenizer::{Tokenizer, TokenizerKind};
use proptest::prelude::*;

fn train(kind: TokenizerKind, vocabulary: usize, texts: &[&str]) -> (Folder, Tokenizer) {
    let trained = kind.train(vocabulary, texts.iter().copied()).unwrap();
    let folder = Folder::new();
    trained.files().for_each(|(name, text)| folder.write(name, text));
    (folder, trained.tokenizer(64).unwrap())
}

const TEXTS: [&str; 4] =
    ["The cats chase the Cat.", "A cat naps; cats nap!", "Cafés at noon", "the café at the noon"];

#[test]
fn a_trained_tokenizer_is_what_its_files_hold() {
    for kind in TokenizerKind::ALL {
        let (folder, tokenizer) = train(kind, 400, &TEXTS);
        let encode = |tokenizer: &Tokenizer| {
            let texts = tokenizer.encode(TEXTS.iter().chain(&["unseen wörds 7"])).unwrap();
            (texts, tokenizer.encode([(TEXTS[0], TEXTS[2])]).unwrap())
        };
        let whole = Tokenizer::open(folder.path(), 64).unwrap();
        assert_eq!(whole.fingerprint(), tokenizer.fingerprint());
        // The older files say the same without tokenizer.json.
        std::fs::remove_file(folder.path().join("tokenizer.json")).unwrap();
        let older = Tokenizer::open(folder.path(), 64).unwrap();
        assert_eq!(encode(&older), encode(&tokenizer), "{kind:?}");
        assert_eq!(tokenizer.special_ids(), [0, 1, 2, 3, 4]);
        assert_eq!(tokenizer.mask_id(), Some(4));
    }
}

/// By hand: of `cat` (2), `cats` (2), `the` (4), ... the pair that occurs most is merged first.
#[test]
fn the_commonest_pairs_become_pieces() {
    let pieces = |texts: &[&str], vocabulary| -> Vec<String> {
        let (folder, _) = train(TokenizerKind::Wordpiece, vocabulary, texts);
        let vocab = std::fs::read_to_string(folder.path().join("vocab.txt")).unwrap();
        vocab.lines().skip(5).map(str::to_owned).collect()
    };
    assert_eq!(pieces(&["ab ab ab abc abc bc"], 13), ["a", "b", "c", "##b", "##c", "ab", "abc"]);
    assert_eq!(pieces(&["aaa aaa"], 12), ["a", "##a", "aa", "aaa"]);
    assert_eq!(pieces(&["x y z"], 12), ["x", "y", "z"], "what occurs once is not merged");
}

#[test]
fn a_vocabulary_too_small_for_the_characters_is_refused() {
    let error = TokenizerKind::ByteLevelBpe.train(100, ["a"]).unwrap_err().to_string();
    assert!(error.starts_with("a vocabulary of 100 tokens is too small: expected at least 261"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Another order of the same texts, and another day, give the same tokenizer.
    #[test]
    fn training_is_a_function_of_the_counts(texts in prop::collection::vec("[a-d ]{0,12}", 1..12)) {
        let train = |texts: &mut dyn Iterator<Item = &str>| {
            let trained = TokenizerKind::Wordpiece.train(80, texts).unwrap();
            trained.files().map(|(name, text)| (name.to_owned(), text.to_owned())).collect::<Vec<_>>()
        };
        let forward = train(&mut texts.iter().map(String::as_str));
        prop_assert_eq!(forward, train(&mut texts.iter().rev().map(String::as_str)));
    }
}
