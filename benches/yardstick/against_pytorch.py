#!/usr/bin/env python3
"""Training and inference beside a PyTorch loop, and how much of the processor's peak mtlift uses: the table of docs/performance.md.

mtlift and the loop run alternately, in one sitting, and take turns at going first, so that what else happens on the machine, and its
temperature, fall on both; the peak (`cargo bench -p mtlift-benches --bench peak`) is measured in every round too. A speed is real, unpadded
tokens a second. The ratio is that of the medians; a spread is the least and the greatest of all rounds. Inference is the forward passes over all dev
rows, as `mtlift evaluate` and the loop (rows sorted by length, batches of 64) time them, with a head that has seen one step.

Install: pip install torch transformers tokenizers safetensors scipy scikit-learn
Run:     python against_pytorch.py MTLIFT PYTORCH_LOOP DATA_HOME [--rounds 5] [--only RTE]
         MTLIFT is the release binary, PYTORCH_LOOP the script pytorch_glue.py of the data home's yardstick, DATA_HOME the folder with models/ and glue/.
"""
import argparse, json, os, pathlib, statistics, subprocess, sys, tempfile
from dataclasses import dataclass

MINILM, TINY = "all-MiniLM-L6-v2", "bert-tiny-splade"

@dataclass(frozen=True)
class Work:
    task: str
    model: str = MINILM
    precision: str = "float32"
    batch: int = 32
    threads: int = 2
    steps: int = 24
    pad: str = "grouped"
    inference: bool = False

    def __str__(self):
        threads = "one thread" if self.threads == 1 else f"{self.threads} threads"
        if self.inference:
            parts = [f"inference on {self.task}", self.model, self.precision, threads]
            return ", ".join(parts + ["the loop in bf16"] * (self.precision == "int8"))
        parts = [self.task, self.model, self.precision, f"batch {self.batch}", threads]
        return ", ".join(parts + ["the loop pads to 128"] * (self.pad == "max"))

WORKS = [Work("RTE"), Work("CoLA", steps=60), Work("RTE", precision="bf16"), Work("CoLA", precision="bf16", steps=60),
         Work("RTE", TINY, steps=60), Work("RTE", threads=1, steps=12),
         *(Work("RTE", batch=batch, steps=768 // batch) for batch in (8, 16, 64, 128)), Work("RTE", pad="max", steps=12),
         *(Work("QNLI", precision=precision, inference=True) for precision in ("float32", "bf16", "int8"))]

def shape(model):
    """Layers, hidden width and feed-forward width."""
    config = json.loads((model / "config.json").read_text())
    return config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"]

def operations(model, tokens_a_row, passes):
    """Floating-point operations of a token's products: of 3 passes in training, backward counting twice; a row has the mean number of tokens."""
    layers, hidden, feed_forward = shape(model)
    return passes * layers * (2 * (4 * hidden**2 + 2 * hidden * feed_forward) + 4 * tokens_a_row * hidden)

def printed(command):
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"{' '.join(map(str, command))}\nfailed:\n{run.stderr}")
    return run.stdout

def ours(asked, work, cache):
    if work.inference:
        run = pathlib.Path(cache) / f"run-{work.model}-{work.task}"
        if not run.exists():
            printed([asked.mtlift, "train", "--data-home", asked.home, "--model", work.model, "--task", work.task, "--protocol", "fixed",
                     "--max-steps", 1, "--max-train", 32, "--cache-dir", cache, "--out", run])
        command = [asked.mtlift, "evaluate", "--data-home", asked.home, "--model", run, "--task", work.task, "--threads", work.threads,
                   "--precision", work.precision, "--json", "--cache-dir", cache] + ["--most-drop", 1] * (work.precision == "int8")
        return json.loads(printed(command))
    with tempfile.TemporaryDirectory() as out:
        command = [asked.mtlift, "train", "--data-home", asked.home, "--model", work.model, "--task", work.task, "--protocol", "fixed",
                   "--max-steps", work.steps, "--batch", work.batch, "--threads", work.threads, "--precision", work.precision,
                   "--json", "--cache-dir", cache, "--out", f"{out}/run"]
        return json.loads(printed(command))

def theirs(asked, work):
    command = [sys.executable, asked.loop, "--model", asked.home / "models" / work.model, "--glue", asked.home / "glue", "--task", work.task,
               "--max-steps", work.steps, "--batch", work.batch, "--pad", work.pad, "--threads", work.threads]
    if work.inference:
        command += ["--max-steps", 1, "--max-train", 32]
    found = json.loads(printed(command + ["--bf16"] * (work.precision != "float32")).splitlines()[-1])
    return found | {"tokens_per_s": found["eval_tokens_per_s"]} if work.inference else found

def peak(threads):
    root = pathlib.Path(__file__).parents[2]
    return json.loads(printed(["cargo", "bench", "--quiet", "--manifest-path", root / "Cargo.toml", "-p", "mtlift-benches", "--bench", "peak",
                               "--", "--threads", threads]))

def spread(values):
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"

def row(asked, work, found):
    own, other, peaks = zip(*found)
    speed = [run["tokens_per_s"] for run in own]
    their_speed = [run["tokens_per_s"] for run in other]
    tokens_a_row = own[0]["tokens"] / own[0]["rows"] if work.inference else \
        statistics.median(run["tokens_per_s"] / run["examples_per_s"] for run in other)
    a_token = operations(asked.home / "models" / work.model, tokens_a_row, 1 if work.inference else 3)
    shares = [s * a_token / 1e9 / p[work.precision] for s, p in zip(speed, peaks) if p[work.precision]]
    share = f"{statistics.median(shares):.0%}" if shares else "unknown"
    memory = [f'{max(run["peak_rss_mib"] for run in runs):.0f}' if "peak_rss_mib" in runs[0] else "-" for runs in (own, other)]
    ratio = statistics.median(speed) / statistics.median(their_speed)
    return f"| {work} | {spread(speed)} | {spread(their_speed)} | {ratio:.2f} | {share} | {memory[0]} / {memory[1]} |"

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("mtlift", "loop", "home"):
        p.add_argument(name, type=pathlib.Path)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--only", action="append", metavar="TEXT", help="works whose line has this; may be given again")
    asked = p.parse_args()
    works = [work for work in WORKS if not asked.only or any(text in str(work) for text in asked.only)]
    found = {work: [] for work in works}
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as cache:
        for k in range(asked.rounds):
            for work in works:
                sides = [lambda: ours(asked, work, cache), lambda: theirs(asked, work)]
                own, other = [side() for side in sides] if k % 2 == 0 else [side() for side in sides[::-1]][::-1]
                found[work].append((own, other, peak(work.threads)))
                print(f"round {k + 1} of {asked.rounds}: {work}", file=sys.stderr, flush=True)
    peaks = [peaks for runs in found.values() for *_, peaks in runs if peaks["threads"] == 2]
    for precision in ("float32", "bf16", "int8"):
        measured = [p[precision] for p in peaks if p[precision]]
        if measured:
            print(f"Peak of two threads in {precision}: {spread(measured)} GFLOP/s.")
    print(f"Load {load:.1f} before, {asked.rounds} rounds.\n")
    print("| work | mtlift, tokens/s | PyTorch, tokens/s | ratio | share of peak | MiB, mtlift / PyTorch |\n" + "| --- " * 6 + "|")
    for work, runs in found.items():
        print(row(asked, work, runs))

main()
