//! Tokenizers trained on text. The library `tokenizers` normalises and cuts words, as it will when the tokenizer is used; the
//! merges are learnt here, because the library's own trainer breaks ties by the order of a hash map with a random seed, so
//! that it gives another vocabulary every time.

mod merges;

use crate::error::Error;
use crate::kind::Directory;
use crate::tokenizer::Tokenizer;
use crate::{byte_level_bpe, wordpiece};
use merges::Learnt;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{
    NormalizedString, Normalizer, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer,
};

/// A kind of tokenizer that can be trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenizerKind {
    /// BERT's: words cut into pieces, text in lower case and without accents.
    Wordpiece,
    /// RoBERTa's: byte-level byte-pair encoding, which keeps case.
    ByteLevelBpe,
}

/// A tokenizer made from text.
#[derive(Clone, Debug)]
pub struct TrainedTokenizer {
    description: Value,
    files: Vec<(&'static str, String)>,
}

impl TokenizerKind {
    /// Every kind.
    pub const ALL: [TokenizerKind; 2] = [TokenizerKind::Wordpiece, TokenizerKind::ByteLevelBpe];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            TokenizerKind::Wordpiece => "wordpiece",
            TokenizerKind::ByteLevelBpe => "byte-level-bpe",
        }
    }

    /// The padding token's id in a vocabulary trained here.
    pub fn pad_id(self) -> u32 {
        match self {
            TokenizerKind::Wordpiece => 0,
            TokenizerKind::ByteLevelBpe => 1,
        }
    }

    /// Trains on texts, to at most `vocabulary` tokens. The same texts in any order give the same tokenizer.
    ///
    /// # Errors
    /// If the vocabulary has no room for the special tokens and the characters of the text, or a text cannot be cut.
    pub fn train<'a>(
        self,
        vocabulary: usize,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<TrainedTokenizer, Error> {
        let words = self.words(texts).map_err(|fault| Error::Untokenisable { reason: fault.to_string() })?;
        let learnt = self.learn(&words, vocabulary)?;
        let settings = self.settings();
        let directory = Directory::planned(settings.clone());
        let (described, mut files) = match self {
            TokenizerKind::Wordpiece => {
                let vocab: String = learnt.pieces.iter().flat_map(|piece| [piece, "\n"]).collect();
                (wordpiece::description(&directory, &vocab), vec![("vocab.txt", vocab)])
            }
            TokenizerKind::ByteLevelBpe => {
                let numbered = learnt.pieces.iter().zip(0u32..);
                let vocab: Map<String, Value> =
                    numbered.map(|(piece, id)| (piece.clone(), id.into())).collect();
                let lines = learnt.merges.iter().map(|[left, right]| format!("{left} {right}\n"));
                let merges: String = ["#version: 0.2\n".to_owned()].into_iter().chain(lines).collect();
                let pairs = learnt.merges.iter().map(|[left, right]| [&**left, &**right]).collect();
                let files = vec![("vocab.json", json!(vocab).to_string()), ("merges.txt", merges)];
                (byte_level_bpe::description(&directory, vocab, pairs), files)
            }
        };
        let mut description = described.expect("the special tokens are the first of the vocabulary");
        description["padding"] = Value::Null;
        description["truncation"] = Value::Null;
        files.push(("tokenizer_config.json", json!(settings).to_string()));
        files.push(("tokenizer.json", description.to_string()));
        Ok(TrainedTokenizer { description, files })
    }

    /// How often each word occurs, as the tokenizer will see it.
    fn words<'a>(
        self,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> tokenizers::Result<BTreeMap<String, u64>> {
        let mut words = BTreeMap::new();
        for text in texts {
            let mut text = NormalizedString::from(text);
            if self == TokenizerKind::Wordpiece {
                BertNormalizer::default().normalize(&mut text)?;
            }
            let mut cut = PreTokenizedString::from(text);
            match self {
                TokenizerKind::Wordpiece => BertPreTokenizer.pre_tokenize(&mut cut)?,
                TokenizerKind::ByteLevelBpe => {
                    ByteLevel::default().add_prefix_space(false).pre_tokenize(&mut cut)?;
                }
            }
            for (word, ..) in cut.get_splits(OffsetReferential::Normalized, OffsetType::Byte) {
                match words.get_mut(word) {
                    Some(count) => *count += 1,
                    None => {
                        words.insert(word.to_owned(), 1);
                    }
                }
            }
        }
        Ok(words)
    }

    fn learn(self, words: &BTreeMap<String, u64>, vocabulary: usize) -> Result<Learnt, Error> {
        let (specials, alphabet, continuation) = match self {
            TokenizerKind::Wordpiece => {
                // Characters beyond the commonest would take the place of words; a word with one is unknown.
                let most = (vocabulary / 16).max(64);
                (["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], merges::alphabet(words, most), "##")
            }
            TokenizerKind::ByteLevelBpe => {
                let bytes = ByteLevel::alphabet().into_iter().collect();
                (["<s>", "<pad>", "</s>", "<unk>", "<mask>"], bytes, "")
            }
        };
        let learnt = merges::learn(words, &specials, &alphabet, continuation, vocabulary);
        if learnt.pieces.len() > vocabulary {
            let (least, characters) = (learnt.pieces.len(), format!("{} characters", alphabet.len()));
            return Err(Error::SmallVocabulary { asked: vocabulary, least, characters });
        }
        Ok(learnt)
    }

    /// What `tokenizer_config.json` says.
    fn settings(self) -> Map<String, Value> {
        let settings = match self {
            TokenizerKind::Wordpiece => json!({
                "tokenizer_class": "BertTokenizer", "do_lower_case": true, "strip_accents": null,
                "tokenize_chinese_chars": true, "pad_token": "[PAD]", "unk_token": "[UNK]",
                "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]",
            }),
            TokenizerKind::ByteLevelBpe => json!({
                "tokenizer_class": "RobertaTokenizer", "add_prefix_space": false, "bos_token": "<s>",
                "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>",
                "sep_token": "</s>", "mask_token": "<mask>",
            }),
        };
        settings.as_object().cloned().unwrap_or_default()
    }
}

impl TrainedTokenizer {
    /// Its files and their contents, to be written beside a model: [`Tokenizer::open`] and transformers read them.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, text)| (*name, text.as_str()))
    }

    /// The tokenizer, ready to use; as [`Tokenizer::open`] gives it where the files are.
    ///
    /// # Errors
    /// As [`Tokenizer::open`].
    pub fn tokenizer(&self, max_tokens: usize) -> Result<Tokenizer, Error> {
        Tokenizer::described(PathBuf::from("tokenizer.json"), &self.description, max_tokens)
    }
}
