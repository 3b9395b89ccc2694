#!/bin/sh
# Does the built-in question find the related support, whatever the suite's seed, and does it find nothing where there is nothing?
#   run.sh DIRECTORY [FLAGS]      FLAGS go to every compare, e.g. --model bert-tiny-splade
# Prints a verdict for each of 10 suites, then for each of 20 whose first support is unrelated. A study that is there goes on;
# what two studies share is trained once.
set -eu
out=$1
shift
mtlift=${MTLIFT:-mtlift}
mkdir -p "$out"
"$mtlift" compare --print-study "$@" > "$out/question.toml"

# verdict KIND SEED KNOB: the verdict's first line
verdict() {
    study=$out/$1-$2
    reuse=
    [ "$1" = related ] || [ ! -e "$out/related-$2" ] || reuse="--reuse $out/related-$2"
    "$mtlift" compare "$out/question.toml" --target "demo:sentiment:seed=$2" \
        --support "demo:stars:seed=$2$3,demo:acceptability:seed=$2" --keep-models needed $reuse \
        --out "$study" $([ ! -e "$study" ] || echo --resume) 2> "$study.log" | grep -m 1 '^demo:sentiment[^ ]*: '
}

for seed in $(seq 1 10); do verdict related "$seed" ""; done
for seed in $(seq 1 20); do verdict unrelated "$seed" ":relatedness=0"; done
