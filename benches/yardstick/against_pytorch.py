#!/usr/bin/env python3
"""Training and inference beside a PyTorch loop, and how much of the processor's peak mtlift uses: the tables of docs/performance.md.

mtlift and the loop run alternately, in one sitting, and take turns at going first, so that what else happens on the machine, and its
temperature, fall on both; the peak (`cargo bench -p mtlift-benches --bench peak`) is measured in every round too. A speed is real, unpadded
tokens a second. The ratio is that of the medians; a spread is the least and the greatest of all rounds. Inference is the forward passes over all dev
rows, as `mtlift evaluate` and the loop (rows sorted by length, batches of 64) time them, with a head that has seen one step. --before takes an
earlier release binary along, for the works that it knows: training in float32. Some works are run without the loop: how mtlift's own speed
goes with batches, threads, jobs side by side (their speeds added up) and lengths of rows. Rows of one length are made of random words. The wide
model has the sizes of DistilRoBERTa (6 blocks, 768 and 3,072 wide), random weights and MiniLM's vocabulary. The share of the peak is of the
operations that mtlift does.

Install: pip install torch transformers tokenizers safetensors scipy scikit-learn
Run:     python against_pytorch.py MTLIFT PYTORCH_LOOP DATA_HOME [--rounds 5] [--only RTE] [--before MTLIFT]
         MTLIFT is the release binary, PYTORCH_LOOP the script pytorch_glue.py of the data home's yardstick, DATA_HOME the folder with models/ and glue/.
"""
import argparse, json, os, pathlib, random, shutil, statistics, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

MINILM, TINY, WIDE = "all-MiniLM-L6-v2", "bert-tiny-splade", "wide"
EPOCH = 78 # steps of RTE

@dataclass(frozen=True)
class Work:
    task: str
    model: str = MINILM
    precision: str = "float32"
    batch: int = 32
    threads: int = 2
    jobs: int = 1
    steps: int = 12
    pad: str = "grouped"
    length: int = 0
    inference: bool = False
    alone: bool = False

    @property
    def cores(self):
        return self.threads * self.jobs

    def __str__(self):
        threads = "one thread" if self.threads == 1 else f"{self.threads} threads"
        threads = threads if self.jobs == 1 else f"{self.jobs} jobs of {threads} each"
        if self.inference:
            return ", ".join([f"inference on {self.task}", self.model, self.precision, threads])
        task = f"rows of {self.length} tokens" if self.length else self.task
        parts = [task, self.model, self.precision, f"batch {self.batch}", threads]
        return ", ".join(parts + ["a whole epoch"] * (self.steps == EPOCH) + ["the loop pads to 128"] * (self.pad == "max"))

WORKS = [Work("RTE"), Work("RTE", steps=EPOCH), Work("CoLA", steps=30), Work("RTE", precision="bf16"), Work("CoLA", precision="bf16", steps=30),
         Work("RTE", TINY, steps=80), Work("RTE", WIDE, steps=6, alone=True),
         Work("RTE", threads=1, steps=5, alone=True), Work("RTE", threads=1, jobs=2, steps=5, alone=True),
         *(Work("RTE", batch=batch, steps=320 // batch, alone=True) for batch in (8, 16, 64, 128)),
         *(Work("words", length=length, steps=256 // length, alone=True) for length in (16, 32, 64, 128)), Work("RTE", pad="max", steps=4),
         *(Work("QNLI", precision=precision, inference=True) for precision in ("float32", "bf16")),
         Work("QNLI", precision="int8", inference=True, alone=True)]

def directory(asked, work, cache):
    """Of the work's model; the wide one is made."""
    if work.model != WIDE:
        return asked.home / "models" / work.model
    made, like = pathlib.Path(cache) / WIDE, asked.home / "models" / MINILM
    if not made.exists():
        import torch, transformers
        torch.manual_seed(0)
        sizes = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 6, "num_attention_heads": 12}
        config = transformers.BertConfig(**json.loads((like / "config.json").read_text()) | sizes)
        transformers.BertModel(config).save_pretrained(made)
        for tokenizer in like.glob("*token*"):
            shutil.copy(tokenizer, made)
    return made

def words(asked, work, cache):
    """A task whose rows have all one length: words that are a token each, between the two special ones."""
    vocabulary = json.loads((asked.home / "models" / work.model / "tokenizer.json").read_text())["model"]["vocab"]
    known = sorted(word for word in vocabulary if word.isascii() and word.isalpha() and len(word) > 2)
    task, draw = pathlib.Path(cache) / f"words-{work.length}.toml", random.Random(work.length)
    row = lambda: " ".join(draw.choices(known, k=work.length - 2)) + f"\t{draw.randrange(2)}\n"
    for split, rows in (("train", work.batch * work.steps), ("dev", work.batch)):
        task.with_suffix(f".{split}.tsv").write_text("text\tlabel\n" + "".join(row() for _ in range(rows)))
    files = ", ".join(f'{split} = "{task.with_suffix(f".{split}.tsv").name}"' for split in ("train", "dev"))
    task.write_text(f'name = "{task.stem}"\nkind = "classification"\nlabels = ["0", "1"]\ntext = "text"\nlabel = "label"\nfiles = {{ {files} }}\n')
    return task

def shape(model):
    """Layers, hidden width and feed-forward width."""
    config = json.loads((model / "config.json").read_text())
    return config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"]

def operations(model, tokens_a_row, passes):
    """Floating-point operations of a token's products, of 3 passes in training, backward counting twice; a row has the mean number of tokens. Those
    that mtlift does: of the last block keys and values of all tokens, and all else of a row's first token alone."""
    layers, hidden, feed_forward = shape(model)
    block = 2 * (4 * hidden**2 + 2 * hidden * feed_forward) + 4 * tokens_a_row * hidden
    of_first = 2 * (2 * hidden**2 + 2 * hidden * feed_forward)
    return passes * ((layers - 1) * block + 4 * hidden**2 + of_first / tokens_a_row + 4 * hidden)

def printed(command):
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"{' '.join(map(str, command))}\nfailed:\n{run.stderr}")
    return run.stdout

def ours(mtlift, asked, work, cache):
    model = directory(asked, work, cache)
    if work.inference:
        run = pathlib.Path(cache) / f"run-{work.model}-{work.task}"
        if not run.exists():
            printed([mtlift, "train", "--data-home", asked.home, "--model", model, "--task", work.task, "--protocol", "fixed",
                     "--max-steps", 1, "--max-train", 32, "--cache-dir", cache, "--out", run])
        command = [mtlift, "evaluate", "--data-home", asked.home, "--model", run, "--task", work.task, "--threads", work.threads,
                   "--precision", work.precision, "--json", "--cache-dir", cache] + ["--most-drop", 1] * (work.precision == "int8")
        run = json.loads(printed(command))
        return run | {"tokens_a_row": run["tokens"] / run["rows"]}
    task = words(asked, work, cache) if work.length else work.task
    def job(_):
        with tempfile.TemporaryDirectory() as out:
            return json.loads(printed([mtlift, "train", "--data-home", asked.home, "--model", model, "--task", task, "--protocol", "fixed",
                                       "--max-steps", work.steps, "--batch", work.batch, "--threads", work.threads, "--json",
                                       "--cache-dir", cache, "--out", f"{out}/run"]
                                      + ["--precision", work.precision] * (work.precision != "float32")))
    with ThreadPoolExecutor(work.jobs) as side_by_side:
        runs = list(side_by_side.map(job, range(work.jobs)))
    total = {field: sum(run[field] for run in runs) for field in ("tokens_per_s", "peak_rss_mib") if field in runs[0]}
    return runs[0] | total | {"tokens_a_row": runs[0]["tokens"] / runs[0]["seen"]}

def theirs(asked, work, cache):
    command = [sys.executable, asked.loop, "--model", directory(asked, work, cache), "--glue", asked.home / "glue", "--task", work.task,
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
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})" if values else "-"

def column(found, side, field):
    """A field of all rounds of a side; nothing where the side was not run or does not say it."""
    return [run[side][field] for run in found if run[side] and field in run[side]]

def row(asked, work, found, cache):
    speed, their_speed, earlier = (column(found, side, "tokens_per_s") for side in ("ours", "theirs", "before"))
    tokens_a_row = statistics.median(column(found, "ours", "tokens_a_row"))
    a_token = operations(directory(asked, work, cache), tokens_a_row, 1 if work.inference else 3)
    shares = [s * a_token / 1e9 / run["peak"][work.precision] for s, run in zip(speed, found) if run["peak"][work.precision]]
    share = f"{statistics.median(shares):.0%}" if shares else "unknown"
    memory = [f"{max(values):.0f}" if values else "-" for values in (column(found, side, "peak_rss_mib") for side in ("ours", "theirs"))]
    ratio = f"{statistics.median(speed) / statistics.median(their_speed):.2f}" if their_speed else "-"
    cells = [work, spread(speed), spread(their_speed), ratio, share, " / ".join(memory)]
    if asked.before:
        cells.insert(1, spread(earlier))
    return "| " + " | ".join(map(str, cells)) + " |"

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("mtlift", "loop", "home"):
        p.add_argument(name, type=pathlib.Path)
    p.add_argument("--before", type=pathlib.Path, metavar="MTLIFT", help="an earlier release binary, for a column of its own")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--only", action="append", metavar="TEXT", help="works whose line has this; may be given again")
    asked = p.parse_args()
    works = [work for work in WORKS if not asked.only or any(text in str(work) for text in asked.only)]
    found = {work: [] for work in works}
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as cache:
        for k in range(asked.rounds):
            peaks = {cores: peak(cores) for cores in {work.cores for work in works}}
            for work in works:
                sides = {"ours": lambda: ours(asked.mtlift, asked, work, cache)}
                if not work.alone:
                    sides["theirs"] = lambda: theirs(asked, work, cache)
                if asked.before and not work.inference and work.precision == "float32":
                    sides["before"] = lambda: ours(asked.before, asked, work, cache)
                turn = list(sides) if k % 2 == 0 else list(sides)[::-1]
                found[work].append({"theirs": None, "before": None} | {side: sides[side]() for side in turn} | {"peak": peaks[work.cores]})
                print(f"round {k + 1} of {asked.rounds}: {work}", file=sys.stderr, flush=True)
        peaks = [run["peak"] for run in found[works[0]]]
        for precision in ("float32", "bf16", "int8"):
            measured = [p[precision] for p in peaks if p[precision]]
            if measured:
                print(f"Peak of {works[0].cores} threads in {precision}: {spread(measured)} GFLOP/s.")
        print(f"Load {load:.1f} before, {asked.rounds} rounds.\n")
        heads = ["work", "mtlift, tokens/s", "PyTorch, tokens/s", "ratio", "share of peak", "MiB, mtlift / PyTorch"]
        if asked.before:
            heads.insert(1, "mtlift before, tokens/s")
        print("| " + " | ".join(heads) + " |\n" + "| --- " * len(heads) + "|")
        for work, runs in found.items():
            print(row(asked, work, runs, cache))

main()
