"""Writes learning_rates.json and orders.json beside this file.

Run:  python schedule/tests/golden/make.py
Needs torch and transformers; their versions are recorded in learning_rates.json.

learning_rates.json: what PyTorch's optimiser holds at each step under transformers' schedules.
orders.json: the shuffle as the crate documents it, written a second time, over SplitMix64 (Steele, Lea and Flood 2014).
"""

import json
import math
import pathlib

import torch
import transformers

HERE = pathlib.Path(__file__).parent
MASK = 2**64 - 1


def rates(shape, peak, warmup_steps, total_steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    scheduler = transformers.get_scheduler(shape, optimizer, warmup_steps, total_steps)
    values = []
    for _ in range(total_steps):
        values.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return values


def learning_rates():
    cases = []

    def add(name, shape, peak, warmup, warmup_steps, total_steps):
        transformers_name = "constant_with_warmup" if shape == "constant" else shape
        cases.append({
            "name": name, "shape": shape, "peak": peak, "warmup": warmup, "warmup_steps": warmup_steps,
            "total_steps": total_steps, "rates": rates(transformers_name, peak, warmup_steps, total_steps),
        })

    add("the paper on RTE: 10 epochs of 20 steps, no warm-up", "linear", 2e-5, 0.0, 0, 200)
    for shape in ("constant", "linear", "cosine"):
        add(f"RTE, 3 epochs in batches of 32, 6 % ({shape})", shape, 5e-5, 0.06, math.floor(0.06 * 234), 234)
        add(f"a recorded trajectory ({shape})", shape, 1e-3, None, 3, 12)
        add(f"warm-up only ({shape})", shape, 3e-4, None, 5, 5)
        add(f"one step ({shape})", shape, 0.1, 0.9, 0, 1)
    # 0.29 * 100 is 28.999999999999996: the floor is taken of the double, as int() does.
    add("a share that is not exact", "linear", 1e-4, 0.29, math.floor(0.29 * 100), 100)
    return {"torch": torch.__version__, "transformers": transformers.__version__, "cases": cases}


def split_mix_64(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        word = state
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
        yield word ^ (word >> 31)


def draw(words, bound):
    while True:
        high, low = divmod(next(words) * bound, 2**64)
        if low >= 2**64 % bound:
            return high


def order(seed, sizes):
    words = split_mix_64(seed)
    rows = [[task, row] for task, size in enumerate(sizes) for row in range(size)]
    for last in range(len(rows) - 1, 0, -1):
        other = draw(words, last + 1)
        rows[last], rows[other] = rows[other], rows[last]
    return {"seed": seed, "sizes": sizes, "rows": rows}


def write(name, content):
    (HERE / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")


write("learning_rates.json", learning_rates())
write("orders.json", [order(0, [1]), order(42, [10]), order(7, [5, 1, 9]), order(2**64 - 1, [100])])
