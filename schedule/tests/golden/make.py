"""Writes learning_rates.json beside this file: what PyTorch's optimiser holds at each step under transformers' schedules.

Run:  python schedule/tests/golden/make.py
Needs torch and transformers; their versions are recorded in learning_rates.json.
"""

import json
import math
import pathlib

import torch
import transformers

HERE = pathlib.Path(__file__).parent


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


(HERE / "learning_rates.json").write_text(json.dumps(learning_rates(), separators=(",", ":")) + "\n")
