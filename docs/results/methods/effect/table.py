"""The tables of docs/results/methods: each method beside plain mtl, from the studies that compare made.

Run, in the folder with studies/:  python table.py MTLIFT STUDY...
Needs Python 3.11 alone.
"""

import json
import statistics
import subprocess
import sys

# Of Student's t with 4 degrees of freedom, for 95 % of the middle.
QUANTILE = 2.776


def main(mtlift, studies):
    for study in studies:
        found = subprocess.run([mtlift, "report", f"studies/{study}", "--json"], stdout=subprocess.PIPE, check=True, text=True)
        found = json.loads(found.stdout)
        targets = {target["target"]: scores_of(target) for target in found.get("targets", [found])}
        if len(targets) == 1:
            for target, scores in targets.items():
                beside_plain(f"{target}, {study}", scores)
        else:
            beside_plain(f"mean of {len(targets)} tasks, {study}", mean_of(targets))
            of_each(targets)


def scores_of(target):
    """The score of each arm under each seed."""
    arms = {arm["arm"].split(" with ")[0]: arm for arm in target["arms"]}
    return {name: {run["seed"]: 100 * run["score"] for run in arm["runs"]} for name, arm in arms.items()}


def mean_of(targets):
    """The mean over targets of each arm under each seed."""
    arms = next(iter(targets.values()))
    return {arm: {seed: statistics.mean(of[arm][seed] for of in targets.values()) for seed in runs} for arm, runs in arms.items()}


def beside_plain(title, scores):
    plain = next(name for name in ["mtl", "mtl-all"] if name in scores)
    print(f"\n**{title}**\n\n| arm | mean ± sd | over `{plain}` [95 %] |\n| --- | --- | --- |")
    for name, runs in scores.items():
        values = list(runs.values())
        row = f"| `{name}` | {statistics.mean(values):.1f} ± {statistics.stdev(values):.1f} |"
        if name == plain:
            print(row + " |")
            continue
        apart = [value - scores[plain][seed] for seed, value in runs.items()]
        gain, half = statistics.mean(apart), QUANTILE * statistics.stdev(apart) / len(apart) ** 0.5
        print(row + f" {gain:+.1f} [{gain - half:+.1f}, {gain + half:+.1f}] |")


def of_each(targets):
    print("\n| arm |" + "".join(f" {target} |" for target in targets) + "\n| --- |" + " --- |" * len(targets))
    for arm in next(iter(targets.values())):
        print(f"| `{arm}` |" + "".join(f" {statistics.mean(of[arm].values()):.1f} |" for of in targets.values()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
