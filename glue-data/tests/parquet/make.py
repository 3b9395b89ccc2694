"""Writes the Parquet files beside it, with the `datasets` package as its users do, and pyarrow where an option is asked for.

    python3 -m venv venv && venv/bin/pip install datasets pandas
    venv/bin/python make.py

Written with datasets 5.2.0, pyarrow 26.0.1. All rows are made up here.
"""

import os

import pandas
import pyarrow.parquet
from datasets import ClassLabel, Dataset, Features, Value

HERE = os.path.dirname(os.path.abspath(__file__))


def path(name):
    path = os.path.join(HERE, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


TEXTS = ["A fine lamp.", "Never again", "Café “closed”, 5 €", "two\nlines\tand a tab", "", "A fine lamp."]


# Named classes whose order is neither that of the alphabet nor that of the rows.
features = Features(
    {
        "review": Value("string"),
        "verdict": ClassLabel(names=["so so", "good", "bad"]),
        "stars": Value("float32"),
        "id": Value("int64"),
    }
)
rows = {
    "review": TEXTS,
    "verdict": [1, 2, 2, 0, 0, 1],
    "stars": [4.5, 1.0, 0.1, 3.0, -2.25, 4.5],
    "id": [10, 11, 12, 13, 14, 9007199254740993],
}
Dataset.from_dict(rows, features=features).to_parquet(path("own.parquet"))

# The same with each codec; and with the other kind of page, several row groups and no dictionaries.
table = pyarrow.parquet.read_table(path("own.parquet"))
for codec in ["zstd", "gzip", "lz4", "none", "brotli"]:
    pyarrow.parquet.write_table(table, path(f"own-{codec}.parquet"), compression=codec)
pyarrow.parquet.write_table(
    table,
    path("own-pages-v2.parquet"),
    compression="zstd",
    data_page_version="2.0",
    row_group_size=2,
    use_dictionary=False,
)

# What pandas writes: categories, truth values, an integer column that a missing value has made one of floats, a group.
frame = pandas.DataFrame(
    {
        "text": TEXTS,
        "kind": pandas.Categorical(["b", "a", "a", "b", "b", "a"]),
        "truth": [True, False, True, True, False, False],
        "count": [1.0, 0.0, None, 1.0, 0.0, 1.0],
        "small": pandas.array([1, 2, 3, 255, 0, 7], dtype="uint8"),
        "when": pandas.to_datetime(["2024-01-01"] * 6),
        "meta": [{"label": label, "words": ["x"]} for label in ["yes", "no", "no", "yes", None, "no"]],
    }
)
frame.to_parquet(path("pandas.parquet"))


def glue(config, names, columns, splits):
    """A configuration of nyu-mll/glue: its columns and features, three rows a split; test without labels."""
    label = ClassLabel(names=names) if names else Value("float32")
    features = {column: Value("string") for column in columns} | {"label": label, "idx": Value("int32")}
    for split in splits:
        count = 3
        rows = {column: [f"{config} {split} {column} {i}" for i in range(count)] for column in columns}
        rows["idx"] = list(range(count))
        if names:
            rows["label"] = [i % len(names) for i in range(count)]
        else:
            rows["label"] = [0.0, 2.75, 5.0]
        if split.startswith("test"):
            rows["label"] = [-1 if names else -1.0] * count
        data = Dataset.from_dict(rows, features=Features(features))
        data.to_parquet(path(f"glue/{config}/{split}-00000-of-00001.parquet"))


PLAIN = ["train", "validation", "test"]
MNLI = ["train", "validation_matched", "validation_mismatched", "test_matched", "test_mismatched"]
ENTAILMENT = ["entailment", "not_entailment"]
THREE_WAY = ["entailment", "neutral", "contradiction"]
glue("cola", ["unacceptable", "acceptable"], ["sentence"], PLAIN)
glue("sst2", ["negative", "positive"], ["sentence"], PLAIN)
glue("mrpc", ["not_equivalent", "equivalent"], ["sentence1", "sentence2"], PLAIN)
glue("stsb", None, ["sentence1", "sentence2"], PLAIN)
glue("qqp", ["not_duplicate", "duplicate"], ["question1", "question2"], PLAIN)
glue("mnli", THREE_WAY, ["premise", "hypothesis"], MNLI)
glue("qnli", ENTAILMENT, ["question", "sentence"], PLAIN)
glue("rte", ENTAILMENT, ["sentence1", "sentence2"], PLAIN)
glue("wnli", ["not_entailment", "entailment"], ["sentence1", "sentence2"], PLAIN)
glue("ax", THREE_WAY, ["premise", "hypothesis"], ["test"])
