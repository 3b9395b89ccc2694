"""Writes the task of this study: 6,000 rows of MNLI's train file, drawn at random and in the order of the file, all rows of its matched dev file, and
negation.toml, which divides each label's rows by negation words in the hypothesis. Three columns are kept. Usage: cut.py GLUE DIR"""

import os
import random
import sys

glue, out = sys.argv[1:]
COLUMNS = ["sentence1", "sentence2", "gold_label"]
ROWS = 6000
TASK = """name = "mnli-negation"
kind = "classification"
labels = ["entailment", "neutral", "contradiction"]
text_a = "sentence1"
text_b = "sentence2"
label = "gold_label"
files = { train = "train.tsv", dev = "dev.tsv" }

[groups]
text = "sentence2"
words = ["nobody", "no", "never", "nothing"]
"""


def rows(name):
    with open(f"{glue}/MNLI/{name}", encoding="utf-8") as file:
        header, *lines = [line.split("\t") for line in file.read().split("\n") if line]
    places = [header.index(column) for column in COLUMNS]
    return [[line[place] for place in places] for line in lines]


def write(name, lines):
    with open(f"{out}/{name}", "w", encoding="utf-8", newline="\n") as file:
        file.writelines("\t".join(line) + "\n" for line in [COLUMNS, *lines])


os.makedirs(out, exist_ok=True)
train = rows("train.tsv")
kept = sorted(random.Random(ROWS).sample(range(len(train)), ROWS))
write("train.tsv", [train[row] for row in kept])
write("dev.tsv", rows("dev_matched.tsv"))
with open(f"{out}/negation.toml", "w", encoding="utf-8") as file:
    file.write(TASK)
