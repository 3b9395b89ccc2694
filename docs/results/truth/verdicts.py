"""Verdicts of five seeds beside the truth of all: the tables of docs/results/truth, as Markdown, and OUT.json.

Run, in the folder with STUDY.toml, its data/ and its runs in studies/all (see README.md):

    MTLIFT_HOME=... python verdicts.py STUDY.toml OUT [MTLIFT]

Needs Python 3.11 alone. No run is trained: every question takes its runs over from studies/all, into OUT/.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

STUDY, OUT = map(pathlib.Path, sys.argv[1:3])
MTLIFT = sys.argv[3] if len(sys.argv) > 3 else "mtlift"
names = lambda files: [pathlib.Path(file).stem for file in files]
ASKED = tomllib.loads(STUDY.read_text())
TARGETS, SUPPORTS, SEEDS = names(ASKED["targets"]), names(ASKED["supports"]), len(ASKED["seeds"])
# A support that holds the target's own training rows is no other data set.
SAME = {("sst2", "sst3000"), ("stsb", "stsb3000")}
NEAR = 0.005


def question(target, supports, seeds):
    """The study, asked for one target, some supports and the first so many seeds."""
    text = STUDY.read_text()
    listed = lambda names: ", ".join(f'"data/{name}.toml"' for name in names)
    text = re.sub(r"targets = \[.*?\]", f"targets = [{listed([target])}]", text, flags=re.S)
    text = re.sub(r"supports = \[.*?\]", f"supports = [{listed(supports)}]", text)
    return re.sub(r"seeds = \[.*?\]", f"seeds = {list(range(1, seeds + 1))}", text)


def asked(name, target, supports, seeds, *more):
    file = pathlib.Path(f"{OUT.name}-{name}.toml")
    file.write_text(question(target, supports, seeds))
    out = OUT / name
    command = [MTLIFT, "compare", str(file), "--out", str(out), "--reuse", "studies/all", "--json", *more]
    if out.exists():
        command.append("--resume")
    found = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    file.unlink()
    assert found.returncode == 0, (command, found.stdout)
    return json.loads(found.stdout)


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def truth():
    """Every arm's score under every seed, what its last run took, and what the supports' runs took; tokens."""
    found = subprocess.run([MTLIFT, "report", "studies/all", "--json"], stdout=subprocess.PIPE, check=True, text=True)
    tokens = lambda directory: json.loads((pathlib.Path(directory) / "result.json").read_text())["tokens"]
    scores, spent = {}, {}
    for target in json.loads(found.stdout)["targets"]:
        scores[target["target"]] = {
            arm["arm"]: {run["seed"]: run["score"] for run in arm["runs"]} for arm in target["arms"]}
        for arm in target["arms"]:
            spent |= {(target["target"], arm["arm"], run["seed"]): tokens(run["directory"]) for run in arm["runs"]}
    for directory in pathlib.Path("studies/all/runs").iterdir():
        if (directory / "result.json").exists():
            run = json.loads((directory / "run.json").read_text())
            tasks = [task["task"] for task in run["tasks"]]
            if len(tasks) == 1 and tasks[0] in SUPPORTS:
                spent[tasks[0], run["settings"]["seed"]] = tokens(directory)
    return scores, spent


def over(scores, seeds):
    return {arm: mean(score for seed, score in runs.items() if seed in seeds) for arm, runs in scores.items()}


def questions():
    for target in TARGETS:
        supports = [support for support in SUPPORTS if (target, support) not in SAME]
        for support in supports:
            yield f"{target}-{support}", target, [support]
    for target in TARGETS:
        supports = [support for support in SUPPORTS if (target, support) not in SAME]
        yield f"{target}-all", target, supports


def tokens(target, seeds_of, spent):
    """Tokens of all runs that arms under so many seeds each take, a support's once."""
    runs = set()
    for arm, seeds in seeds_of.items():
        runs |= {(target, arm, seed) for seed in range(1, seeds + 1)}
        if arm.startswith("stilts from "):
            runs |= {(arm.removeprefix("stilts from "), seed) for seed in range(1, seeds + 1)}
    return sum(spent[run] for run in runs)


def answer(name, target, supports, scores, spent):
    """What one question is told, and what it should have been told."""
    verdict = asked(name, target, supports, 5)
    until = asked(f"{name}-until", target, supports, SEEDS, "--until", "regret:0.5")
    arms = {arm["arm"]: arm for arm in verdict["arms"]}
    true = over({arm: scores[target][arm] for arm in arms}, range(1, SEEDS + 1))
    later = over({arm: scores[target][arm] for arm in arms}, range(6, SEEDS + 1))
    lost = lambda values, arm: max(values.values()) - values[arm]
    chosen, sooner = verdict["recommendation"]["arm"], until["recommendation"]["arm"]
    seeds_until = {arm["arm"]: len(arm["runs"]) for arm in until["arms"]}
    return {
        "question": name, "arms": len(arms), "best": max(true, key=true.get), "recommended": chosen,
        "decided": verdict["recommendation"]["decided"], "expected_loss": verdict["recommendation"]["expected_loss"],
        "lost": lost(true, chosen), "lost_later": lost(later, chosen),
        "lost_by_mean": lost(true, verdict["recommendation"]["best_mean"]), "lost_by_single": lost(true, "single"),
        "until": sooner, "stop": until["stop"], "seeds": max(seeds_until.values()),
        "lost_until": lost(true, sooner), "expected_until": until["recommendation"]["expected_loss"],
        "tokens": tokens(target, seeds_until, spent), "grid_tokens": tokens(target, dict.fromkeys(arms, SEEDS), spent),
        "gains": [
            {key: found[key] for key in ["arm", "decided", "gain", "interval", "shrunken", "shrunken_interval"]}
            | {"true": true[arm] - true["single"], "later": later[arm] - later["single"]}
            for arm, found in arms.items() if arm != "single"],
    }


def main():
    scores, spent = truth()
    found = [answer(*question, scores, spent) for question in questions()]
    OUT.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")
    print("| question | best of all seeds | recommended after 5 | lost | lost by single | with regret:0.5 | seeds | lost | tokens, % of the grid |")
    print("| --- | --- | --- | ---: | ---: | --- | ---: | ---: | ---: |")
    for row in found:
        decided = ", decided" if row["decided"] else ""
        print(
            f"| {row['question']} | {row['best']} | {row['recommended']}{decided} | {100 * row['lost']:.1f} | {100 * row['lost_by_single']:.1f} "
            f"| {row['until']} ({row['stop']}) | {row['seeds']} | {100 * row['lost_until']:.1f} | {100 * row['tokens'] / row['grid_tokens']:.0f} |")
    for kind, rows in [("pairs", [row for row in found if row["arms"] == 3]), ("targets", [row for row in found if row["arms"] > 3])]:
        near = lambda key: sum(row[key] <= NEAR for row in rows)
        print(f"\n{len(rows)} {kind}, lost within 0.5 points of the best, and on average in points:")
        for name, key in [("recommended after 5 seeds", "lost"), ("the same, against the later seeds alone", "lost_later"),
                          ("best mean of 5 seeds", "lost_by_mean"), ("always single", "lost_by_single"),
                          ("recommended by regret:0.5", "lost_until")]:
            print(f"- {name}: {near(key)} of {len(rows)}, {100 * mean(row[key] for row in rows):.2f}")
        said = lambda key: 100 * mean(row[key] or 0 for row in rows)
        print(f"- said to be lost: {said('expected_loss'):.2f} after 5 seeds, {said('expected_until'):.2f} by regret:0.5")
        print(f"- tokens by regret:0.5: {100 * sum(row['tokens'] for row in rows) / sum(row['grid_tokens'] for row in rows):.0f} % of the grid")
        gains = [gain for row in rows for gain in row["gains"]]
        decided = [gain for gain in gains if gain["decided"]]
        holds = lambda gain, key, truth: gain[key][0] <= gain[truth] <= gain[key][1]
        for truth_of in ["true", "later"]:
            right = sum((gain["gain"] > 0) == (gain[truth_of] > 0) for gain in decided)
            inside = sum(holds(gain, "interval", truth_of) for gain in decided)
            print(
                f"- {truth_of}: of {len(decided)} decided gains {right} have the right sign and {inside} the truth in their interval; of all "
                f"{len(gains)} {sum(holds(gain, 'interval', truth_of) for gain in gains)} in the repeated and "
                f"{sum(holds(gain, 'shrunken_interval', truth_of) for gain in gains)} in the shrunken one")


if __name__ == "__main__":
    main()
