"""Writes data/: RTE, MRPC and VADER's tweets with 100, 300 and 1,000 labelled rows each, a TOML file for every one of them. All other
training rows are in a file that has no labels; dev is the same for all three sizes, and labelled rows of a smaller size are labelled in a
larger one. Tweets have no dev file: 600 of them, drawn first, are dev, and those rated 0 are left out.
Usage: cut.py GLUE tweets_GroundTruth.txt"""

import os
import random
import sys
from collections import Counter

SIZES = [100, 300, 1000]
DEV = 600


def rows(path):
    with open(path, encoding="utf-8-sig") as file:
        return [line.rstrip("\r\n").split("\t") for line in file if line.strip()]


def glue(folder, split, columns):
    header, *lines = rows(f"{sys.argv[1]}/{folder}/{split}.tsv")
    places = [header.index(column) for column in columns]
    return [[line[place] for place in places] for line in lines]


def write(name, header, lines):
    with open(f"data/{name}.tsv", "w", encoding="utf-8") as file:
        file.write("".join("\t".join(line) + "\n" for line in [header] + lines))


def cut(name, lines, dev, labels, texts, metrics):
    """Each line is its label and its texts."""
    random.Random(name).shuffle(lines)
    # By class: the beginning has of every label the share that it has of all.
    all_of, seen, place = Counter(line[0] for line in lines), Counter(), []
    for line in lines:
        seen[line[0]] += 1
        place.append(seen[line[0]] / all_of[line[0]])
    lines = [lines[i] for i in sorted(range(len(lines)), key=place.__getitem__)]
    header = ["label"] + texts
    write(f"{name}-dev", header, dev)
    columns = f'text = "{texts[0]}"' if len(texts) == 1 else f'text_a = "{texts[0]}"\ntext_b = "{texts[1]}"'
    for size in SIZES:
        write(f"{name}{size}", header, lines[:size])
        write(f"{name}{size}-more", texts, [line[1:] for line in lines[size:]])
        with open(f"data/{name}{size}.toml", "w", encoding="utf-8") as file:
            file.write(
                f'name = "{name}{size}"\nkind = "classification"\nlabels = {labels}\nmetrics = {metrics}\n'
                f'label = "label"\n{columns}\n[files]\ntrain = "{name}{size}.tsv"\ndev = "{name}-dev.tsv"\n'
                f'unlabelled = "{name}{size}-more.tsv"\n'
            )


os.makedirs("data", exist_ok=True)
pair = ["sentence1", "sentence2"]
for name, folder, labels, columns, metrics in [
    ("rte", "RTE", '["entailment", "not_entailment"]', ["label"] + pair, '["accuracy"]'),
    ("mrpc", "MRPC", '["0", "1"]', ["Quality", "#1 String", "#2 String"], '["accuracy", "f1"]'),
]:
    cut(name, glue(folder, "train", columns), glue(folder, "dev", columns), labels, pair, metrics)
tweets = [["positive" if float(line[1]) > 0 else "negative", line[2]] for line in rows(sys.argv[2]) if float(line[1])]
random.Random("dev").shuffle(tweets)
cut("tweets", tweets[DEV:], tweets[:DEV], '["negative", "positive"]', ["text"], '["accuracy", "macro-f1"]')
