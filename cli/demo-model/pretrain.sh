#!/bin/sh
# Makes the built-in model again: sh pretrain.sh CORPUS OUT, where CORPUS is the folder with the texts that corpus.py writes.
# Whatever follows OUT is passed on, such as --resume. MTLIFT names the program, if it is not on the path.
set -eu
corpus=$1 out=$2
shift 2
for text in wordnet brown austen devil; do
  set -- --text "$corpus/$text.txt" "$@"
done
# Seeds from 1000 on: what an invented word means is drawn for each seed, and studies use small ones.
for seed in $(seq 1000 1019); do
  for task in acceptability sentiment stars paraphrase similarity answer inference entailment coreference; do
    set -- --text "demo:$task:seed=$seed:rows=500:vocabulary=600" "$@"
  done
done
exec "${MTLIFT:-mtlift}" pretrain "$@" --out "$out" --dtype f16 --layers 3 --hidden 160 --heads 5 --vocabulary 8000 \
  --positions 256 --max-tokens 128 --epochs 100 --max-steps 6000 --batch 96 --micro-batch 48 --lr 1e-3 --warmup 0.05 \
  --dropout 0 --held-out 0.01 --evaluate-every 0.25 --seed 1 --threads 1
