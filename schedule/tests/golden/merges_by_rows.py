"""Writes merges_by_rows.json: Fisher-weighted averages and RegMean of small models, written out in NumPy from the papers.

    python merges_by_rows.py

Models, Fisher information and Gram matrices are drawn in float32 and merged in float64. The tensors are the weights of two linear layers, a bias
and a table. RegMean is solved here as the paper writes it, by the inverse of the sum of the Gram matrices; Fisher's floor and scale are those of
the authors' code (github.com/mmatena/model_merging, merging.py).
"""

import json
import pathlib

import numpy as np

# [outputs, inputs] of two layers, a bias, a table.
SHAPES = [(5, 20), (3, 9), (5,), (6, 4)]
LAYERS = 2
FLOOR = 1e-6


def fisher(models, informations, first):
    weights = [first] + [1.0] * (len(models) - 1)
    lengths = [np.sqrt(sum((tensor**2).sum() for tensor in of_model)) for of_model in informations]
    merged = []
    for place in range(len(SHAPES)):
        sums, total = 0.0, 0.0
        for at, (model, information) in enumerate(zip(models, informations)):
            own = information[place]
            if at == 0:
                own = np.maximum(own, FLOOR)
            share = weights[at] / lengths[at] * own
            sums, total = sums + share * model[place], total + share
        merged.append(sums / total)
    return merged


def regmean(models, grams, alpha):
    merged = [sum(tensors) / len(models) for tensors in zip(*models)]
    for layer in range(LAYERS):
        diagonal = np.eye(SHAPES[layer][1])
        scaled = [gram[layer] * (alpha + (1 - alpha) * diagonal) for gram in grams]
        # The paper's W is [inputs, outputs].
        right = sum(gram @ model[layer].T for gram, model in zip(scaled, models))
        merged[layer] = (np.linalg.inv(sum(scaled)) @ right).T
    return merged


def flat(tensors):
    return [float(x) for tensor in tensors for x in np.asarray(tensor).reshape(-1)]


def short(tensors):
    """The same of values of float32, in no more digits than they need."""
    return [float(str(np.float32(x))) for x in flat(tensors)]


def main():
    draw = np.random.default_rng(11)

    def single(tensor):
        return tensor.astype(np.float32).astype(np.float64)

    families = []
    for count in (2, 3):
        base = [draw.normal(0, 0.3, shape) for shape in SHAPES]
        models = [[single(b + draw.normal(0, 0.05, b.shape)) for b in base] for _ in range(count)]
        # Some values that no prediction depends on, and models of which one is surer than the other.
        informations = [
            [
                single(scale * draw.exponential(size=shape) ** 3 * (draw.random(shape) < 0.8))
                for shape in SHAPES
            ]
            for scale in 10.0 ** -np.arange(2, 2 + count)
        ]
        # Inputs with a common direction, more tokens than inputs for one model and fewer for another.
        grams = []
        for place in range(count):
            of_model = []
            for _, inputs in SHAPES[:LAYERS]:
                tokens = (40, 7, 25)[place]
                x = draw.normal(size=(tokens, inputs)) + 2 * draw.normal(size=inputs)
                of_model.append(single(x.T @ x / tokens))
            grams.append(of_model)
        cases = [
            {"method": f"fisher(first={first})", "merged": flat(fisher(models, informations, first))}
            for first in (1.0, 4.0, 0.25)
        ]
        cases += [
            {"method": f"regmean(alpha={alpha})", "merged": flat(regmean(models, grams, alpha))}
            for alpha in (0.9, 0.5, 0.0)
        ]
        families.append({
            "models": [short(model) for model in models],
            "fishers": [short(information) for information in informations],
            "grams": [[short([gram]) for gram in of_model] for of_model in grams],
            "cases": cases,
        })
    file = pathlib.Path(__file__).with_suffix(".json")
    shapes = [list(shape) for shape in SHAPES]
    file.write_text(json.dumps({"versions": {"numpy": np.__version__}, "shapes": shapes, "families": families}) + "\n")
    print(sum(len(family["cases"]) for family in families), "cases", file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
