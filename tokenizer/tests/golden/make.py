"""Token ids that transformers' AutoTokenizer gives where small files beside a vocabulary have a say: tokens added by number,
special tokens, case and accents. To write them anew, in an environment with transformers (that used is in tokenizers.json):

    python make.py

Each case is the files of a directory, and the ids of each text with its special tokens. transformers 4.46 gives the same.
"""

import json
import pathlib
import tempfile

import transformers
from tokenizers.pre_tokenizers import ByteLevel
from transformers import AutoTokenizer

HERE = pathlib.Path(__file__).parent

WORDS = ["a", "lamp", "##x", "##s", "item", "cafe", "Lamp", "café", "[", "]", "the", "x", "item", "##a", "l", "##amp", "<", ">"]
VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(WORDS)]
TEXTS = ["a lampx item", "the [ITEM] a", "Lamp café LAMPX", "a [MASK] the [SEP] x", "lampx[ITEM]lampx", "items lamps  [ITEM] x",
         "x<new> the <new>x", "<mask> a the<mask>x", ""]

BERT = {"model_type": "bert", "vocab_size": 40, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1,
        "intermediate_size": 8, "max_position_embeddings": 32}
ROBERTA = BERT | {"model_type": "roberta", "vocab_size": 300, "pad_token_id": 1}


def bpe():
    letters = sorted(ByteLevel.alphabet())
    merges = ["l a", "m p", "la mp", "Ġ la", "Ġ a", "t h", "th e", "Ġ the"]
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *letters, *(merge.replace(" ", "") for merge in merges), "<mask>"]
    return {"vocab.json": {token: id for id, token in enumerate(tokens)}, "merges.txt": "#version: 0.2\n" + "\n".join(merges) + "\n"}


def token(content, special=False, **flags):
    return {"content": content, "lstrip": False, "rstrip": False, "single_word": False, "normalized": not special,
            "special": special} | flags


def fast(files):
    """The tokenizer.json that transformers writes for these files."""
    with tempfile.TemporaryDirectory() as directory:
        write(directory, files)
        tokenizer = AutoTokenizer.from_pretrained(directory)
        return {"config.json": files["config.json"], "tokenizer.json": json.loads(tokenizer.backend_tokenizer.to_str())}


def cases():
    vocab = {"config.json": BERT, "vocab.txt": "\n".join(VOCAB) + "\n"}
    bert = {"tokenizer_class": "BertTokenizer"}
    n = len(VOCAB)
    two = {"lampx": n, "[ITEM]": n + 1}
    yield "vocabulary alone", vocab
    yield "added tokens", vocab | {"added_tokens.json": two, "tokenizer_config.json": bert | {"do_lower_case": True}}
    yield "added tokens, cased", vocab | {"added_tokens.json": two, "tokenizer_config.json": bert | {"do_lower_case": False}}
    yield "cased, accents stripped", vocab | {"tokenizer_config.json": bert | {"do_lower_case": False, "strip_accents": True}}
    yield "lower case, accents kept", vocab | {"tokenizer_config.json": bert | {"do_lower_case": True, "strip_accents": False}}
    decoder = {str(id): token(content, True) for id, content in enumerate(VOCAB[:5])}
    decoder |= {str(n): token("lampx"), str(n + 1): token("[ITEM]", True), str(n + 2): token("<new>", True, lstrip=True)}
    yield "decoder", vocab | {"tokenizer_config.json": bert | {"added_tokens_decoder": decoder}}
    yield "decoder with a word", vocab | {"tokenizer_config.json": bert | {"added_tokens_decoder": {
        str(n): token("lampx", single_word=True)}}}
    yield "special tokens map", vocab | {"special_tokens_map.json": {"additional_special_tokens": ["[ITEM]"]},
                                         "added_tokens.json": {"[ITEM]": n}, "tokenizer_config.json": bert}
    whole = fast(vocab)
    yield "tokenizer.json", whole
    yield "tokenizer.json and decoder", whole | {"tokenizer_config.json": bert | {"added_tokens_decoder": decoder}}
    yield "byte-level", {"config.json": ROBERTA} | bpe()
    roberta = {"config.json": ROBERTA} | bpe() | {"tokenizer_config.json": {"tokenizer_class": "RobertaTokenizer"}}
    m = len(bpe()["vocab.json"])
    yield "byte-level, added tokens", roberta | {"added_tokens.json": {"lampx": m, "[ITEM]": m + 1}}
    decoder = {"0": token("<s>", True, normalized=True), str(m - 1): token("<mask>", True, lstrip=True), str(m): token("<new>")}
    yield "byte-level, decoder", roberta | {"tokenizer_config.json": {
        "tokenizer_class": "RobertaTokenizer", "add_prefix_space": True, "added_tokens_decoder": decoder}}
    yield "byte-level, tokenizer.json", fast(roberta)


def write(directory, files):
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (pathlib.Path(directory) / name).write_text(text, encoding="utf-8")


def main():
    recorded = {"transformers": transformers.__version__, "texts": TEXTS, "cases": []}
    for name, files in cases():
        with tempfile.TemporaryDirectory() as directory:
            write(directory, files)
            tokenizer = AutoTokenizer.from_pretrained(directory)
            ids = [tokenizer(text)["input_ids"] for text in TEXTS]
        recorded["cases"].append({"name": name, "files": files, "ids": ids})
    text = json.dumps(recorded, ensure_ascii=False)
    (HERE / "tokenizers.json").write_text(text.replace('{"name"', '\n{"name"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
