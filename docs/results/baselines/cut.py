"""Writes stsb450.tsv and mnli2700.tsv, rows of GLUE's STS-B and MNLI in the order of their files, and a TOML file for each.
Usage: cut.py GLUE"""

import os
import random
import sys

glue = os.path.abspath(sys.argv[1])


def cut(task, rows, name, columns, dev=False):
    with open(f"{glue}/{task}/train.tsv", encoding="utf-8") as file:
        header, *lines = file.read().split("\n")
    lines = [line for line in lines if line]
    kept = sorted(random.Random(rows).sample(range(len(lines)), rows))
    with open(f"{name}.tsv", "w", encoding="utf-8") as file:
        file.write("\n".join([header] + [lines[row] for row in kept]) + "\n")
    with open(f"{name}.toml", "w", encoding="utf-8") as file:
        file.write(f'name = "{name}"\n{columns}[files]\ntrain = "{name}.tsv"\n')
        if dev:
            file.write(f'dev = "{glue}/{task}/dev.tsv"\n')


pair = 'text_a = "sentence1"\ntext_b = "sentence2"\n'
cut("STS-B", 450, "stsb450", f'kind = "regression"\n{pair}label = "score"\n', dev=True)
labels = 'labels = ["entailment", "neutral", "contradiction"]\n'
cut("MNLI", 2700, "mnli2700", f'kind = "classification"\n{labels}{pair}label = "gold_label"\n')
