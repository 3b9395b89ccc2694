"""Loads what `mtlift train` exports with transformers and compares logits with the predictions that mtlift wrote.

Run by hand, with torch and transformers installed:

    cargo build --release
    python cli/tests/golden/check_transformers.py --mtlift target/release/mtlift --home DATA_HOME

It trains a real model on RTE (classes; also adapted to its texts first) and STS-B (a value) and the small random models below DATA_HOME/goldens, one of each
family, for one step on a made-up task. Each exported directory is loaded with AutoModelForSequenceClassification and
AutoTokenizer alone; no tensor may be missing, left over or of another shape, and no logit may differ by more than 1e-4.
"""

import argparse
import csv
import json
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

TOLERANCE = 1e-4


def read_tsv(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def difference(run, texts, max_tokens):
    """The largest difference of a logit between transformers and RUN/predictions-dev.tsv, and the largest logit."""
    model, info = AutoModelForSequenceClassification.from_pretrained(run / "model", output_loading_info=True)
    faults = {key: value for key, value in info.items() if value}
    assert not faults, f"{run}: {faults}"
    tokenizer = AutoTokenizer.from_pretrained(run / "model")
    model.eval()
    names = [model.config.id2label[label] for label in range(model.config.num_labels)]
    regression = model.config.problem_type == "regression"
    rows = read_tsv(run / "predictions-dev.tsv")
    assert len(rows) == len(texts), (len(rows), len(texts))
    columns = ["prediction"] if regression else names
    assert list(rows[0]) == ["index", "prediction"] + ([] if regression else names), list(rows[0])
    worst = largest = 0.0
    for start in range(0, len(texts), 32):
        batch = tokenizer(
            *map(list, zip(*texts[start : start + 32])),
            truncation="longest_first",
            max_length=max_tokens,
            padding=True,
            return_tensors="pt",
        )
        with torch.no_grad():
            logits = model(**batch).logits
        ours = torch.tensor([[float(row[column]) for column in columns] for row in rows[start : start + 32]])
        worst = max(worst, (logits - ours).abs().max().item())
        largest = max(largest, ours.abs().max().item())
        if not regression:
            for row, label in zip(rows[start : start + 32], ours.argmax(1).tolist()):
                assert row["prediction"] == names[label], row
    return worst, largest, type(model).__name__, model.config.problem_type, model.config.id2label


def glue(train, home, out):
    """Real runs: their names, texts and longest rows."""
    small = "bert-tiny-splade"
    for model, task, rows in [(small, "RTE", "5000"), (small, "STS-B", "5000"), ("all-MiniLM-L6-v2", "RTE", "256")]:
        run = out / f"{model}-{task}"
        train("--model", model, "--task", task, "--epochs", "1", "--lr", "1e-4", "--max-train", rows, "--out", run)
        dev = read_tsv(home / "glue" / task / "dev.tsv")
        texts = [(row["sentence1"], row["sentence2"]) for row in dev]
        yield run, texts, 128
        if task == "RTE" and model == small:
            adapted = out / f"{model}-{task}-adapted"
            command = ["--model", model, "--task", task, "--epochs", "1", "--lr", "1e-4", "--max-train", rows]
            train(*command, "--adapt", "1", "--out", adapted)
            yield adapted, texts, 128


LETTERS = "abcdefghijklmnopqrstuvwxyz"


def write_tokenizer(model, config):
    """A vocabulary that is no larger than the model's: words of two letters, or for RoBERTa letters alone."""
    if config["model_type"] == "roberta":
        tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "\u0120", *LETTERS]
        (model / "vocab.json").write_text(json.dumps({token: id for id, token in enumerate(tokens)}))
        (model / "merges.txt").write_text("#version: 0.2\n")
    else:
        words = [a + b for a in LETTERS for b in LETTERS][: config["vocab_size"] - 5]
        (model / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]) + "\n")


def write_task(folder, kind, labels):
    rng = random.Random(0)
    words = [a + b for a in "abc" for b in LETTERS]
    texts = {}
    for split, count in [("train", 40), ("dev", 24)]:
        rows = [tuple(" ".join(rng.choices(words, k=rng.randint(1, 9))) for _ in range(2)) for _ in range(count)]
        target = (lambda row: f"{row / 10}") if kind == "regression" else (lambda row: labels[row % len(labels)])
        lines = ["a\tb\ttarget"] + [f"{a}\t{b}\t{target(row)}" for row, (a, b) in enumerate(rows)]
        (folder / f"{split}.tsv").write_text("\n".join(lines) + "\n")
        texts[split] = rows
    listed = "" if kind == "regression" else f"labels = {json.dumps(labels)}\n"
    (folder / "task.toml").write_text(
        f'name = "made-up"\nkind = "{kind}"\n{listed}text_a = "a"\ntext_b = "b"\nlabel = "target"\n'
        '[files]\ntrain = "train.tsv"\ndev = "dev.tsv"\n'
    )
    return texts["dev"]


def families(train, home, out):
    """One step from each small random model: their names, texts and longest rows."""
    for golden in sorted(path for path in (home / "goldens").iterdir() if (path / "config.json").exists()):
        folder = out / golden.name
        model = folder / "start"
        model.mkdir(parents=True)
        for name in ["config.json", "model.safetensors"]:
            shutil.copy(golden / name, model / name)
        config = json.loads((model / "config.json").read_text())
        write_tokenizer(model, config)
        kind = "regression" if config.get("problem_type") == "regression" else "classification"
        texts = write_task(folder, kind, ["no", "yes", "maybe"][: 3 if "3class" in golden.name else 2])
        command = ["--model", model, "--task", folder / "task.toml", "--max-steps", "1", "--lr", "3e-2", "--warmup", "0"]
        train(*command, "--batch", "16", "--max-tokens", "24", "--protocol", "fixed", "--out", folder / "run")
        yield folder / "run", texts, 24


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mtlift", type=Path, required=True, help="the binary")
    parser.add_argument("--home", type=Path, required=True, help="the data home")
    arguments = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as out:

        def train(*command):
            flags = ["--data-home", arguments.home, "--cache-dir", Path(out) / "cache"]
            subprocess.run([arguments.mtlift, "train", *command, *flags], check=True, capture_output=True)

        for runs in [families, glue]:
            for run, texts, max_tokens in runs(train, arguments.home, Path(out)):
                worst, largest, model, problem, id2label = difference(run, texts, max_tokens)
                failed |= not worst <= TOLERANCE
                print(f"{run.relative_to(out)}: {model}, {problem}, {id2label}")
                print(f"  {len(texts)} rows, logits up to {largest:.2f}, largest difference {worst:.1e}")
    sys.exit("FAILED" if failed else None)


if __name__ == "__main__":
    main()
