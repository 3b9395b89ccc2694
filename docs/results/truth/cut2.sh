#!/usr/bin/env bash
# Cuts the tasks of the second half of docs/results/truth: other targets, other rows and other supports than the first half's. 400
# training rows of a target, 3,000 of a support; dev rows are cut to 1,000. Run as: cut2.sh DATA_HOME DIR
set -euo pipefail
home=$1 out=$2
mkdir -p "$out"
task() { # name, kind, rest of the TOML, GLUE's folder, first row, rows, dev file
    sed -n "1p;$(($5 + 1)),$(($5 + $6))p" "$home/glue/$4/train.tsv" > "$out/$1.train.tsv"
    head -n 1001 "$home/glue/$4/$7" > "$out/$1.dev.tsv"
    printf 'name = "%s"\nkind = "%s"\nformat = "tsv"\nheader = true\n%s\nfiles = { train = "%s.train.tsv", dev = "%s.dev.tsv" }\n' \
        "$1" "$2" "$3" "$1" "$1" > "$out/$1.toml"
}
pair='text_a = "sentence1"
text_b = "sentence2"'
questions='text_a = "question1"
text_b = "question2"
label = "is_duplicate"
labels = ["0", "1"]
metrics = ["accuracy", "f1"]'
opinion='text = "sentence"
label = "label"
labels = ["0", "1"]'
task qnli classification 'text_a = "question"
text_b = "sentence"
label = "label"
labels = ["entailment", "not_entailment"]' QNLI 1 400 dev.tsv
task qqp classification "$questions" QQP 1 400 dev.tsv
task mnli classification "$pair
label = \"gold_label\"
labels = [\"contradiction\", \"neutral\", \"entailment\"]" MNLI 1 400 dev_mismatched.tsv
task stsb-later regression "$pair
label = \"score\"" STS-B 3001 400 dev.tsv
task sst-later classification "$opinion" SST-2 30001 400 dev.tsv
task qqp3000 classification "$questions" QQP 5001 3000 dev.tsv
task sst3000 classification "$opinion" SST-2 10001 3000 dev.tsv
file="$home/tasks/vader/nytEditorialSnippets_GroundTruth.txt"
head -n 400 "$file" > "$out/editorials.train.tsv"
tail -n 900 "$file" > "$out/editorials.dev.tsv"
printf 'name = "editorials"\nkind = "regression"\nformat = "tsv"\nheader = false\nindex = 0\nlabel = 1\ntext = 2\nfiles = { train = "editorials.train.tsv", dev = "editorials.dev.tsv" }\n' > "$out/editorials.toml"
