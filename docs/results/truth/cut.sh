#!/usr/bin/env bash
# Cuts the tasks of docs/results/truth out of GLUE's and VADER's files: 400 training rows of a target, 3,000 of a support, the first
# rows of each train file. A VADER set's last 900 rows are its dev rows, and MNLI's dev rows are cut to 1,000. Run as: cut.sh DATA_HOME DIR
set -euo pipefail
home=$1 out=$2
mkdir -p "$out"
task() { # name, kind, rest of the TOML, GLUE's folder, rows, whether there is a header
    local head=0
    [ "$6" = true ] && head=1
    head -n $(($5 + head)) "$home/glue/$4/train.tsv" > "$out/$1.train.tsv"
    cp "$home/glue/$4/$7" "$out/$1.dev.tsv"
    printf 'name = "%s"\nkind = "%s"\nformat = "tsv"\nheader = %s\n%s\nfiles = { train = "%s.train.tsv", dev = "%s.dev.tsv" }\n' \
        "$1" "$2" "$6" "$3" "$1" "$1" > "$out/$1.toml"
}
pair='text_a = "sentence1"
text_b = "sentence2"'
entailment='labels = ["entailment", "not_entailment"]
label = "label"'
task rte classification "$pair
$entailment" RTE 400 true dev.tsv
task mrpc classification 'text_a = 3
text_b = 4
label = 0
labels = ["0", "1"]
metrics = ["accuracy", "f1"]' MRPC 400 true dev.tsv
task stsb regression "$pair
label = \"score\"" STS-B 400 true dev.tsv
task cola classification 'text = 3
label = 1
labels = ["0", "1"]
metrics = ["mcc"]' CoLA 400 false dev.tsv
task sst2 classification 'text = "sentence"
label = "label"
labels = ["0", "1"]' SST-2 400 true dev.tsv
task mnli3000 classification "$pair
label = \"gold_label\"
labels = [\"contradiction\", \"neutral\", \"entailment\"]" MNLI 3000 true dev_matched.tsv
task sst3000 classification 'text = "sentence"
label = "label"
labels = ["0", "1"]' SST-2 3000 true dev.tsv
task stsb3000 regression "$pair
label = \"score\"" STS-B 3000 true dev.tsv
vader() { # name, file
    head -n 400 "$home/tasks/vader/$2" > "$out/$1.train.tsv"
    tail -n 900 "$home/tasks/vader/$2" > "$out/$1.dev.tsv"
    printf 'name = "%s"\nkind = "regression"\nformat = "tsv"\nheader = false\nindex = 0\nlabel = 1\ntext = 2\nfiles = { train = "%s.train.tsv", dev = "%s.dev.tsv" }\n' \
        "$1" "$1" "$1" > "$out/$1.toml"
}
vader tweets tweets_GroundTruth.txt
vader movies movieReviewSnippets_GroundTruth.txt
vader products amazonReviewSnippets_GroundTruth.txt
head -n 1001 "$out/mnli3000.dev.tsv" > "$out/mnli.dev" && mv "$out/mnli.dev" "$out/mnli3000.dev.tsv"
