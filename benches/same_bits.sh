#!/usr/bin/env bash
# Whether two builds of mtlift end the same runs with the same bits, on real data: for a change that must change no result.
#
# Every command is given to both builds. Their runs are matched by directory, so a study's runs must have the same names, and
# result, predictions and models are compared byte by byte; times and logs are not. What is the same is removed, what is not
# is kept to be looked at.
#
# Usage: same_bits.sh OLD NEW [DIR]
#   OLD, NEW  two binaries
#   DIR       where their runs go: an empty folder, or one that is not there (a temporary one unless given)
# Environment: MTLIFT_HOME (the data home, with glue/ and models/bert-tiny-splade), ROWS (120: training rows of each task),
#   ONLY (a regular expression; commands whose name does not match are left out).
# It exits with 1 if anything differs, or a command fails.
set -euo pipefail

usage() {
    sed -n '/^# Usage/,/^# It exits/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
(($# == 2 || $# == 3)) || usage
if [[ ! -d ${MTLIFT_HOME:-} ]]; then
    echo "MTLIFT_HOME is not a folder: set it to the data home" >&2
    exit 2
fi
old=$(realpath -e "$1") new=$(realpath -e "$2")
dir=${3:-$(mktemp -d)}
mkdir -p "$dir"
dir=$(realpath "$dir")
if [[ -n $(ls -A "$dir") ]]; then
    echo "$dir is not empty" >&2
    exit 2
fi
rows=${ROWS:-120}
export MTLIFT_CACHE=$dir/cache
commands=0 differing=0 all_runs=0 all_files=0

# The runs below a folder, those without a result included, and the files in which they must agree.
runs_of() {
    (cd "$1" && find . -name run.json -printf '%h\n' | sort)
}
files_of() {
    (cd "$1" && find . -type f \( -name result.json -o -name 'predictions-*' -o -path '*/model*/*' \) | sort)
}

different() {
    differing=$((differing + 1))
    echo "$1: DIFFERENT: $2; see $dir/old/$1 and $dir/new/$1"
}

# same NAME ARGUMENTS...: gives the arguments to both builds, with an --out.
same() {
    local name=$1 build runs files file
    local unlike=()
    shift
    [[ $name =~ ${ONLY:-} ]] || return 0
    commands=$((commands + 1))
    for build in old new; do
        mkdir -p "$dir/$build"
        if ! "${!build}" "$@" --out "$dir/$build/$name" >"$dir/$build/$name.log" 2>&1; then
            differing=$((differing + 1))
            echo "$name: FAILED with $build: $(tail -n 1 "$dir/$build/$name.log"); see $dir/$build/$name.log"
            return 0
        fi
    done
    local there=$dir/old/$name here=$dir/new/$name
    runs=$(runs_of "$there")
    files=$(files_of "$there")
    if [[ $(grep -c 'result.json$' <<<"$files") != $(wc -l <<<"$runs") ]]; then
        different "$name" "not every run of old has a result"
    elif ! cmp -s <(echo "$runs") <(runs_of "$here"); then
        different "$name" "runs$(diff <(echo "$runs") <(runs_of "$here") | sed -n 's/^[<>]/ &/p' | tr -d '\n')"
    elif ! cmp -s <(echo "$files") <(files_of "$here"); then
        different "$name" "files$(diff <(echo "$files") <(files_of "$here") | sed -n 's/^[<>]/ &/p' | tr -d '\n')"
    else
        while read -r file; do
            cmp -s "$there/$file" "$here/$file" || unlike+=("$file")
        done <<<"$files"
        if ((${#unlike[@]})); then
            different "$name" "${#unlike[@]} of $(wc -l <<<"$files") files: ${unlike[*]}"
        else
            echo "$name: same: $(wc -l <<<"$runs") runs, $(wc -l <<<"$files") files"
            all_runs=$((all_runs + $(wc -l <<<"$runs"))) all_files=$((all_files + $(wc -l <<<"$files")))
            rm -r "$there" "$here" "$dir"/{old,new}/"$name.log"
        fi
    fi
}

common=(--model bert-tiny-splade --max-train "$rows" --max-tokens 48 --batch 16 --lr 3e-4 --threads 2)
train=("${common[@]}" --epochs 2)

for protocol in held-out paper fixed; do
    for task in RTE STS-B CoLA; do
        same "train-$protocol-$task" train --task "$task" --protocol "$protocol" "${train[@]}"
    done
done
for seed in 1 2; do
    same "train-seed-$seed" train --task RTE --seed "$seed" "${train[@]}"
done
same train-micro-batch train --task STS-B --micro-batch 5 "${train[@]}"
same train-patience train --task RTE --patience 1 --evaluate-every 0.25 "${common[@]}" --epochs 4
same train-cosine train --task CoLA --schedule cosine --dropout 0.2 --clip 0.5 --max-steps 7 "${train[@]}"

study=("${common[@]}" --epochs 2 --jobs 2 --keep-models all)
one_seed=("${study[@]}" --seeds 1)
triple=(--target RTE --support MRPC,WNLI)
arms=(--arms single,stilts,mtl,mtl-all,mtl-then-target)

# Every sampler, and every exposure with every kind of batch.
while read -r sampler exposure batches; do
    same "compare-${sampler/:/-}-$exposure-$batches" compare "${triple[@]}" "${arms[@]}" "${one_seed[@]}" \
        --sampler "$sampler" --mtl-all-samplers "$sampler" --exposure "$exposure" --batches "$batches" </dev/null
done <<'MIXES'
uniform target-full homogeneous
size target-full heterogeneous
temperature:0.5 target-full forced-heterogeneous
capped:100 target-full partition
annealed truncating homogeneous
dynamic truncating heterogeneous
dynamic-gap truncating forced-heterogeneous
round-robin truncating partition
size all-full homogeneous
uniform all-full heterogeneous
dynamic all-full forced-heterogeneous
annealed all-full partition
MIXES

same compare-paper compare "${triple[@]}" "${study[@]}" --protocol paper --seeds 42,544460
same compare-regression compare --target STS-B --support RTE "${arms[@]}" "${one_seed[@]}" --loss example-mean
same compare-shared-heads compare "${triple[@]}" "${arms[@]}" "${one_seed[@]}" --head-sharing by-label-count --heads shared-by-count
same compare-kept-heads compare "${triple[@]}" --arms single,stilts "${one_seed[@]}" --heads kept
same compare-mapped-heads compare "${triple[@]}" --arms single,stilts "${one_seed[@]}" --heads mapped-by-name
same compare-weights compare "${triple[@]}" --arms single,mtl,mtl-then-target "${one_seed[@]}" --task-weights 1,0.5
same compare-support-pace compare "${triple[@]}" "${study[@]}" --support-steps 9 --support-lr 1e-4 --support-seed best --seeds 2
same sweep sweep --tasks RTE,MRPC,WNLI "${one_seed[@]}"
same size-curve size-curve --target WNLI --support RTE --ratios 1/2,2 "${one_seed[@]}"

rm -rf "$dir/cache"
((differing)) || rm -r "$dir"
if ((commands == 0)); then
    echo "no command's name matches ONLY=${ONLY:-}" >&2
    exit 2
fi
echo "$((commands - differing)) of $commands commands the same: $all_runs runs, $all_files files"
((differing == 0))
