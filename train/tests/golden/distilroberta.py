"""DistilRoBERTa's shape end to end: random weights of its exact sizes, trained a few steps by mtlift, whose logits must be
those of transformers. In an environment with torch and transformers:

    python distilroberta.py make TOKENIZER OUT    TOKENIZER: a directory with roberta-base's vocab.json, merges.txt, tokenizer.json
    mtlift train --model OUT --task RTE --max-train 16 --max-steps 4 --batch 4 --out RUN
    mtlift predict --model RUN/model --task RTE --split dev --out predictions.tsv
    python distilroberta.py check RUN/model RTE/dev.tsv predictions.tsv

`make` writes OUT-json beside OUT: the same model with tokenizer.json in place of vocab.json and merges.txt.
"""

import csv
import pathlib
import shutil
import sys

import torch
import transformers as tf


def make(tokenizer, out):
    torch.manual_seed(0)
    config = tf.RobertaConfig(vocab_size=50265, hidden_size=768, num_hidden_layers=6, num_attention_heads=12,
                              intermediate_size=3072, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5,
                              pad_token_id=1, bos_token_id=0, eos_token_id=2)
    model = tf.RobertaModel(config, add_pooling_layer=False)
    for directory, files in (out, ["vocab.json", "merges.txt"]), (f"{out}-json", ["tokenizer.json", "tokenizer_config.json"]):
        model.save_pretrained(directory)
        for file in files:
            shutil.copy(pathlib.Path(tokenizer) / file, directory)


def check(model, rows, predictions):
    lines = pathlib.Path(rows).read_text(encoding="utf-8").rstrip("\n").split("\n")[1:]
    pairs = [line.split("\t")[1:3] for line in lines]
    with open(predictions, encoding="utf-8", newline="") as file:
        ours = [[float(x) for x in row[2:]] for row in list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]]
    tokenizer = tf.AutoTokenizer.from_pretrained(model)
    network = tf.AutoModelForSequenceClassification.from_pretrained(model).eval()
    worst = 0.0
    with torch.no_grad():
        for pair, logits in zip(pairs, ours, strict=True):
            inputs = tokenizer(*pair, truncation=True, max_length=128, return_tensors="pt")
            worst = max(worst, (network(**inputs).logits[0] - torch.tensor(logits)).abs().max().item())
    print(f"{len(ours)} rows, greatest difference of a logit {worst:.2e}")
    sys.exit(worst > 1e-5)


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](*sys.argv[2:])
