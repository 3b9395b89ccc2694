#!/usr/bin/env bash
# Cuts the nine tasks of docs/results/methods out of GLUE's files: the first 400 training rows of each, at most 1,000 dev rows, and the
# first 3,000 rows of MNLI and QQP as supports. Run as: cut.sh DATA_HOME DIR
set -euo pipefail
home=$1 out=$2
mkdir -p "$out"
task() { # name, kind, rest of the TOML, GLUE's folder, rows, whether there is a header, dev file
    local head=0
    [ "$6" = true ] && head=1
    sed -n "1,$(($5 + head))p" "$home/glue/$4/train.tsv" > "$out/$1.train.tsv"
    sed -n "1,$((1000 + head))p" "$home/glue/$4/$7" > "$out/$1.dev.tsv"
    printf 'name = "%s"\nkind = "%s"\nformat = "tsv"\nheader = %s\n%s\nfiles = { train = "%s.train.tsv", dev = "%s.dev.tsv" }\n' \
        "$1" "$2" "$6" "$3" "$1" "$1" > "$out/$1.toml"
}
pair='text_a = "sentence1"
text_b = "sentence2"'
entailment='labels = ["entailment", "not_entailment"]
label = "label"'
nli="$pair
label = \"gold_label\"
labels = [\"contradiction\", \"neutral\", \"entailment\"]"
questions='text_a = "question1"
text_b = "question2"
label = "is_duplicate"
labels = ["0", "1"]
metrics = ["accuracy", "f1"]'
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
task qnli classification 'text_a = "question"
text_b = "sentence"
label = "label"
labels = ["entailment", "not_entailment"]' QNLI 400 true dev.tsv
task qqp classification "$questions" QQP 400 true dev.tsv
task mnli classification "$nli" MNLI 400 true dev_matched.tsv
task wnli classification "$pair
label = \"label\"
labels = [\"0\", \"1\"]" WNLI 400 true dev.tsv
task mnli3000 classification "$nli" MNLI 3000 true dev_matched.tsv
task qqp3000 classification "$questions" QQP 3000 true dev.tsv
