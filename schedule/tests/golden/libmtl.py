"""Writes libmtl.json: what LibMTL 1.1.5 makes of the gradients and losses of combinations.json, a second oracle beside TorchJD.

    python libmtl.py                                      # the file beside this one, 80 matrices
    python libmtl.py --matrices 1000 --out FILE           # the same and more

In the environment of combinations.py, with LibMTL too (`pip install --no-deps LibMTL==1.1.5`). LibMTL's weightings are called without
its trainer: shared parameters θ, and losses g_k · θ + L_k at θ = 0, so the gradients are the rows g_k. Coefficients are those of the
combined gradient that it leaves, the shortest where gradients depend on each other.

PCGrad and GradVac draw an order; here it is the order of the tasks. CAGrad's objective is written for three tasks, so it is asked for
those alone; its MGDA ends at 250 iterations, and in silence gives nothing at the last. GradNorm there learns a softmax of weights and takes
epochs, and random weighting draws: neither has values to compare. It has no Nash-MTL, Aligned-MTL, FAMO or UPGrad.
"""

import argparse
import importlib.util
import json
import pathlib
import random
import sys
import types
from importlib.metadata import version

import numpy as np
import torch

# The package itself imports models of images, with packages of their own.
package = types.ModuleType("LibMTL")
package.__path__ = importlib.util.find_spec("LibMTL").submodule_search_locations
sys.modules["LibMTL"] = package

from LibMTL.weighting import DWA, GLS, IMTL, MGDA, UW, CAGrad, GradVac, PCGrad

from combinations import gradients, sequences

random.shuffle = lambda tasks: None


def weighting(kind, rows):
    """An instance as LibMTL's trainer would make it, and its parameters θ."""
    theta = torch.zeros(rows.shape[1], requires_grad=True)
    made = kind()
    made.task_num, made.device, made.rep_grad = len(rows), "cpu", False
    made.get_share_params = lambda: [theta]
    made.zero_grad_share_params = lambda: theta.grad.zero_()
    made.init_param()
    return made, theta


def losses(rows, theta, values):
    return torch.stack([row @ theta + value for row, value in zip(rows, values)])


def of_matrix(kind, rows):
    rows = torch.tensor(rows, dtype=torch.float64)
    k = len(rows)
    asked = {"imtl-g": (IMTL, {}), "pcgrad": (PCGrad, {}), "gradvac": (GradVac, {"beta": 0.5}), "mgda": (MGDA, {"mgda_gn": "none"})}
    if k == 3:
        asked["cagrad"] = (CAGrad, {"calpha": 0.4, "rescale": 1})
    weights = {}
    for name, (of, parameters) in asked.items():
        made, theta = weighting(of, rows)
        try:
            made.backward(losses(rows, theta, torch.ones(k)), **parameters)
        except (TypeError, AttributeError, torch.linalg.LinAlgError):
            continue  # MGDA that has not ended, or a matrix that has no inverse.
        found = np.linalg.lstsq(rows.numpy().T, theta.grad.numpy(), rcond=None)[0]
        if np.isfinite(found).all():
            weights[name] = [float(f"{x:.12g}") for x in found]
    gram = rows @ rows.T
    return {"kind": kind, "gram": [int(gram[i, j]) for i in range(k) for j in range(i + 1)], "weights": weights}


def of_sequences(losses_of_steps):
    """The weights of each step, as the gradients of losses by themselves."""
    rows = torch.eye(3, dtype=torch.float64)
    found = {"uncertainty": [], "dwa": [], "geometric-mean": []}

    uncertainty, theta = weighting(UW, rows)
    adam = torch.optim.Adam(uncertainty.parameters(), lr=0.025)
    for row in losses_of_steps:
        adam.zero_grad()
        theta.grad = None
        uncertainty.backward(losses(rows, theta, row))
        found["uncertainty"].append(theta.grad.tolist())
        adam.step()

    dwa, theta = weighting(DWA, rows)
    dwa.train_loss_buffer = np.array(losses_of_steps).reshape(-1, 4, 3).mean(axis=1).T
    for step, row in enumerate(losses_of_steps):
        theta.grad = None
        dwa.epoch = step // 4
        dwa.backward(losses(rows, theta, row), T=2.0)
        found["dwa"].append(theta.grad.tolist())

    mean, theta = weighting(GLS, rows)
    for row in losses_of_steps:
        theta.grad = None
        mean.backward(losses(rows, theta, row))
        found["geometric-mean"].append(theta.grad.tolist())
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--matrices", type=int, default=80)
    parser.add_argument("--out", default=pathlib.Path(__file__).with_name("libmtl.json"))
    arguments = parser.parse_args()
    draw = np.random.default_rng(20220713)
    found = sequences(draw)
    matrices = [of_matrix(*gradients(draw, index)) for index in range(arguments.matrices)]
    with open(arguments.out, "w") as file:
        json.dump({
            "versions": {name: version(name) for name in ("LibMTL", "torch", "numpy")},
            "sequences": {"losses": found["losses"], "weights": of_sequences(found["losses"])},
        }, file)
        file.seek(file.tell() - 1)
        file.write(', "matrices": [\n' + ",\n".join(json.dumps(matrix) for matrix in matrices) + "\n]}\n")
