"""Writes mixtures.json beside this file.

Run:  python schedule/tests/golden/mixtures.py
Needs numpy; its version is recorded.

probabilities: the samplers' formulas over numpy.
allotments: the rounding of the paper's code (github.com/orionw/MTLvsIFT, multi_dataloader.py), written a second time. Cases
that take task 0 below 0 are left out: the paper's code goes wrong there.
"""

import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
GLUE = [8551, 67349, 3668, 363846, 5749, 392702, 104743, 2490, 635]
PALS = [6680, 2865, 306798, 1945, 4491, 52616, 284257, 84715]


def share(weights):
    return (np.asarray(weights, dtype=np.float64) / np.sum(weights)).tolist()


def probabilities():
    cases = []

    def add(sampler, sizes, epoch, epochs, gaps, weights):
        cases.append({"sampler": sampler, "sizes": sizes, "epoch": epoch, "epochs": epochs, "gaps": gaps,
                      "probabilities": share(weights)})

    for sizes in (GLUE, PALS, [7], [1, 1000000]):
        n = np.asarray(sizes, dtype=np.float64)
        add("uniform", sizes, 3, 10, None, np.ones_like(n))
        add("round-robin", sizes, 0, 10, None, np.ones_like(n))
        add("size", sizes, 9, 10, None, n)
        add("temperature:0.5", sizes, 1, 10, None, np.sqrt(n))
        add("temperature:0", sizes, 1, 10, None, np.ones_like(n))
        add("capped:16384", sizes, 1, 10, None, np.minimum(n, 16384))
        add("annealed", sizes, 0, 1, None, n)
        for epoch in range(4):
            add("annealed", sizes, epoch, 4, None, np.power(n, [1.0, 1 - 0.8 / 3, 1 - 1.6 / 3, 0.2][epoch]))
        gaps = np.random.default_rng(42).uniform(-0.5, 1.0, len(sizes)).round(3)
        for sampler in ("dynamic", "dynamic-gap"):
            add(sampler, sizes, 0, 10, None, n)
            add(sampler, sizes, 0, 10, gaps.tolist(), n)
        add("dynamic", sizes, 5, 10, gaps.tolist(), np.exp(gaps))
        add("dynamic-gap", sizes, 5, 10, gaps.tolist(), np.where(gaps > 0.01, gaps, 0.01))
        add("dynamic-gap", sizes, 5, 10, (-np.abs(gaps)).tolist(), np.ones_like(n))
    return cases


def allotments():
    rng = np.random.default_rng(2022)
    cases = []
    while len(cases) < 200:
        tasks = int(rng.integers(1, 10))
        batch = int(rng.integers(tasks, 129))
        p = rng.dirichlet(np.full(tasks, rng.choice([0.1, 1.0, 10.0])))
        if rng.random() < 0.2:
            p = np.full(tasks, 1 / tasks)
        rows = [int(round(float(q) * batch)) for q in p]
        while sum(rows) < batch:
            rows[0] += 1
        while sum(rows) > batch:
            rows[0] -= 1
        if rows[0] < 0:
            continue
        while 0 in rows:
            most = rows.index(max(rows))
            needy = rows.index(0)
            rows[most] -= 1
            rows[needy] += 1
        cases.append({"probabilities": p.tolist(), "batch": batch, "rows": rows})
    return cases


content = {"numpy": np.__version__, "probabilities": probabilities(), "allotments": allotments()}
(HERE / "mixtures.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
