#!/usr/bin/env bash
# Speed and memory of `mtlift train` against a PyTorch loop on the same task, in one sitting.
#
# The two run alternately, and take turns at going first, so that what else happens on the machine, and its
# temperature, fall on both. Printed are every run, the ratio of the median speeds (real tokens a second of the
# training steps; above 1 mtlift is faster) and both peak memories (the largest of all rounds).
#
# Usage: against_pytorch.sh MTLIFT PYTORCH_LOOP DATA_HOME [ROUNDS]
#   MTLIFT        the release binary
#   PYTORCH_LOOP  the script pytorch_glue.py of the data home's yardstick
#   DATA_HOME     the folder with models/ and glue/
#   ROUNDS        5 unless given
# Environment: PYTHON (python3: one with torch and transformers), MODEL (all-MiniLM-L6-v2), TASK (RTE), STEPS (30),
#   BATCH (32), THREADS (2), PRECISION (float32; bf16 gives the loop autocast).
set -euo pipefail

if (($# < 3 || $# > 4)); then
    sed -n '/^# Usage/,/^#   BATCH/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
mtlift=$1 loop=$2 home=$3 rounds=${4:-5}
if [[ ! $rounds =~ ^[1-9][0-9]*$ ]]; then
    echo "ROUNDS is a number of at least 1, not '$rounds'" >&2
    exit 2
fi
python=${PYTHON:-python3} model=${MODEL:-all-MiniLM-L6-v2} task=${TASK:-RTE}
steps=${STEPS:-30} batch=${BATCH:-32} threads=${THREADS:-2} precision=${PRECISION:-float32}
autocast=()
[[ $precision == bf16 ]] && autocast=(--bf16)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run_mtlift() {
    "$mtlift" train --data-home "$home" --model "$model" --task "$task" --protocol fixed --max-steps "$steps" \
        --batch "$batch" --threads "$threads" --precision "$precision" --json --cache-dir "$work/cache" --out "$work/out.$1" \
        >"$work/mtlift.$1" 2>"$work/log" ||
        failed mtlift
    rm -rf "$work/out.$1"
}

run_pytorch() {
    "$python" "$loop" --model "$home/models/$model" --glue "$home/glue" --task "$task" --max-steps "$steps" \
        --batch "$batch" --pad grouped --threads "$threads" "${autocast[@]}" >"$work/pytorch.$1" 2>"$work/log" || failed pytorch
}

failed() {
    echo "$1 failed:" >&2
    cat "$work/log" >&2
    exit 1
}

for ((round = 1; round <= rounds; round++)); do
    if ((round % 2)); then
        run_mtlift "$round"; run_pytorch "$round"
    else
        run_pytorch "$round"; run_mtlift "$round"
    fi
    echo "round $round of $rounds done" >&2
done

echo "$task, $model, $precision, batch $batch, $steps steps, $threads threads, $rounds rounds"
"$python" - "$work" "$rounds" <<'PYTHON'
import json, pathlib, statistics, sys

work, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
# mtlift prints one object over several lines, the loop an object a line for each epoch.
read = {"mtlift": json.loads, "pytorch": lambda text: json.loads(text.splitlines()[-1])}
speed, peak = {}, {}
for side in read:
    runs = [read[side]((work / f"{side}.{k}").read_text()) for k in range(1, rounds + 1)]
    speed[side] = [run["tokens_per_s"] for run in runs]
    peak[side] = max(run["peak_rss_mib"] for run in runs)
    print(f"{side:8} tokens/s", *(f"{s:9.1f}" for s in speed[side]), f"  median {statistics.median(speed[side]):.1f}")
ratio = statistics.median(speed["mtlift"]) / statistics.median(speed["pytorch"])
print(f"speed    mtlift / pytorch = {ratio:.3f}")
print(f"peak     mtlift {peak['mtlift']:.0f} MiB, pytorch {peak['pytorch']:.0f} MiB")
PYTHON
