"""Writes combinations.json: what TorchJD makes of Gram matrices and of sequences of losses.

    python combinations.py                                      # the file beside this one, 200 matrices
    python combinations.py --matrices 1000 --out FILE           # the same and more, for the ignored test

In an environment with torch, torchjd[nash_mtl,cagrad,quadprog_projector] and numpy; the versions used are in the file. Gradients are of
whole numbers, so that their inner products are exact: any, conflicting, of very different length, nearly dependent, and dependent.

TorchJD draws the order of projections in PCGrad and GradVac; here it is the order of the tasks. MGDA's weights are from quadprog,
because TorchJD's iteration ends early; its length is recorded too. What TorchJD does not have (GradNorm) is written out in torch with
autograd, from the paper.
"""

import argparse
import json
import pathlib
from importlib.metadata import version

import numpy as np
import torch
from qpsolvers import solve_qp
from torchjd.aggregation import (
    AlignedMTLWeighting, CAGradWeighting, GradVacWeighting, IMTLGWeighting, MGDAWeighting, NashMTL,
    PCGradWeighting, UPGradWeighting,
)
from torchjd.scalarization import DWA, FAMO, UW, GeometricMean

torch.set_default_dtype(torch.float64)
torch.randperm = lambda n, **_: torch.arange(n)


def gradients(draw, index):
    """[K, D] of whole numbers; 2 to 9 tasks."""
    k = 2 + index % 8
    kind = ("any", "conflicting", "lengths", "near", "dependent")[(index // 8) % 5]
    d = int(draw.integers(k, 2 * k + 3))
    rows = draw.integers(-9, 10, (k, d))
    if kind == "conflicting":
        common = draw.integers(-9, 10, d)
        rows = rows + 3 * np.outer(np.where(np.arange(k) % 2, -1, 1), common)
    elif kind == "lengths":
        rows = rows * draw.integers(1, 200, (k, 1))
    elif kind == "near":
        shares = draw.integers(-2, 3, k - 1)
        rows[:-1] *= 100
        rows[-1] += shares @ rows[:-1]
    elif kind == "dependent":
        shares = draw.integers(0, 3, k - 1)
        shares[0] += 1
        rows[-1] = shares @ rows[:-1]
    return kind, rows


def of_matrix(kind, rows):
    gradients = torch.tensor(rows, dtype=torch.float64)
    gram = gradients @ gradients.T
    k = len(rows)
    weights = {
        "aligned-mtl": AlignedMTLWeighting()(gram),
        "cagrad": CAGradWeighting(c=0.4)(gram),
        "gradvac": GradVacWeighting()(gram),
        "imtl-g": IMTLGWeighting()(gram),
        "pcgrad": PCGradWeighting()(gram),
        "upgrad": UPGradWeighting()(gram),
    }
    # Its program holds the paper's equation as bounds, and ends near it.
    weights["nash"] = NashMTL(n_tasks=k, max_norm=0.0, optim_niter=100).weighting(gradients)
    scale = float(gram.trace())
    ridged = gram.numpy() / scale + 1e-12 * np.eye(k) / k
    weights["mgda"] = torch.tensor(
        solve_qp(ridged, np.zeros(k), -np.eye(k), np.zeros(k), np.ones((1, k)), np.ones(1), solver="quadprog")
    )
    theirs = MGDAWeighting(epsilon=1e-12, max_iters=500)(gram)
    short = lambda values: [float(f"{float(x):.12g}") for x in values]
    return {
        "kind": kind,
        "gram": [int(gram[i, j]) for i in range(k) for j in range(i + 1)],
        "mgda_square": float(theirs @ gram @ theirs),
        "weights": {name: short(found) for name, found in weights.items()},
    }


def sequences(draw):
    """Losses [steps, 3], and the weights that each step used."""
    steps, tasks = 12, 3
    losses = draw.uniform(0.2, 2.0, (steps, tasks))
    after = losses * draw.uniform(0.8, 1.05, (steps, tasks))
    lengths = draw.uniform(0.2, 3.0, (steps, tasks))
    found = {"losses": losses.tolist(), "after": after.tolist(), "lengths": lengths.tolist()}

    def gradient(scalarise, row):
        values = torch.tensor(row, requires_grad=True)
        scalarise(values).backward()
        return values.grad.tolist()

    uncertainty = UW(tasks)
    uncertainty.log_var.data.fill_(-0.5)
    adam = torch.optim.Adam(uncertainty.parameters(), lr=0.025)
    found["uncertainty"] = []
    for row in losses:
        adam.zero_grad()
        found["uncertainty"].append(gradient(uncertainty, row))
        adam.step()

    famo = FAMO(tasks)
    found["famo"] = []
    for row, later in zip(losses, after):
        found["famo"].append(gradient(famo, row))
        famo.update(torch.tensor(later))

    dwa = DWA()
    found["dwa"] = []
    for step, row in enumerate(losses):
        found["dwa"].append(gradient(dwa, row))
        if step % 4 == 3:
            dwa.step()

    found["geometric-mean"] = [gradient(GeometricMean(), row) for row in losses]

    weights = torch.nn.Parameter(torch.ones(tasks))
    adam = torch.optim.Adam([weights], lr=0.025)
    found["gradnorm"] = []
    for row, length in zip(losses, torch.tensor(lengths)):
        found["gradnorm"].append(weights.detach().tolist())
        fallen = torch.tensor(row / losses[0])
        target = ((weights * length).mean() * (fallen / fallen.mean()) ** 1.5).detach()
        adam.zero_grad()
        (weights * length - target).abs().sum().backward()
        adam.step()
        with torch.no_grad():
            weights *= tasks / weights.sum()
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--matrices", type=int, default=200)
    parser.add_argument("--out", default=pathlib.Path(__file__).with_name("combinations.json"))
    arguments = parser.parse_args()
    draw = np.random.default_rng(20220713)
    of_sequences = sequences(draw)
    matrices = [of_matrix(*gradients(draw, index)) for index in range(arguments.matrices)]
    packages = ("torch", "torchjd", "numpy", "quadprog", "cvxpy", "clarabel", "ecos")
    with open(arguments.out, "w") as file:
        json.dump({
            "versions": {name: version(name) for name in packages},
            "sequences": of_sequences,
        }, file)
        file.seek(file.tell() - 1)
        file.write(', "matrices": [\n' + ",\n".join(json.dumps(matrix) for matrix in matrices) + "\n]}\n")
