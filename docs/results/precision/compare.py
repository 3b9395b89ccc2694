#!/usr/bin/env python3
"""Scores in bf16 beside those in float32, task by task: the mean difference over the seeds that both have, the deviation of the
differences, and how much seeds alone move a score. Run as: compare.py FLOAT32 BF16, two studies (or folders of runs)."""
import json
import pathlib
import statistics
import sys


def scores(folder):
    """The headline on dev of every finished run, by task and seed."""
    results = [json.loads(file.read_text()) for file in pathlib.Path(folder).glob("**/result.json")]
    return {(result["task"], result["seed"]): result["metrics"]["headline"] for result in results}


wide, narrow = scores(sys.argv[1]), scores(sys.argv[2])
print("| task | seeds | float32 | bf16 | difference | its deviation | deviation of float32 over seeds |\n|---|---|---|---|---|---|---|")
for task in sorted({task for task, _ in wide}):
    both = sorted(key for key in wide.keys() & narrow.keys() if key[0] == task)
    if len(both) < 2:
        sys.exit(f"{task}: fewer than two seeds in both studies")
    a, b = [wide[key] for key in both], [narrow[key] for key in both]
    differences = [y - x for x, y in zip(a, b)]
    numbers = [statistics.mean(a), statistics.mean(b), statistics.mean(differences), statistics.stdev(differences), statistics.stdev(a)]
    print(f"| {task} | {len(both)} |", " | ".join(f"{100 * x:.1f}" for x in numbers), "|")
