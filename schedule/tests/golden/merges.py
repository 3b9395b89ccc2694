"""Writes merges.json: what mergekit makes of small models.

    python merges.py

In an environment with torch and mergekit 0.1.5; the versions used are in the file. Values are drawn in float32 and merged in float64.
The models are like trained ones: matrices with heavy-tailed changes, a table of which most rows have not changed, scales around 1.

mergekit draws the masks of DARE from torch; here they are drawn with NumPy, written down, and given to it. It scales what is left to the
length that the change had, where the paper divides by the density: so its own scale is switched off, and the division is in `lambda`. What
mergekit does not have (MetaGPT) is written out in NumPy, from the paper.
"""

import json
import pathlib
from importlib.metadata import version

import numpy as np
import torch
from mergekit.merge_methods import registry
from mergekit.merge_methods.base import TensorBatch, TensorGroup
from mergekit.merge_methods.slerp import slerp

SHAPES = [(6, 5), (9, 4), (7,)]


def models(draw, count):
    """A base and `count` models, each a list of float32 tensors."""
    base = [draw.normal(0, 0.02, SHAPES[0]), draw.normal(0, 0.05, SHAPES[1]), draw.normal(1, 0.1, SHAPES[2])]
    base = [tensor.astype(np.float32) for tensor in base]

    def trained(scale):
        matrix = base[0] + scale * 0.002 * draw.standard_t(2, SHAPES[0])
        seen = draw.random(SHAPES[1][0]) < 0.4
        table = base[1] + scale * 0.01 * draw.normal(size=SHAPES[1]) * seen[:, None]
        return [matrix.astype(np.float32), table.astype(np.float32), (base[2] + scale * 0.01).astype(np.float32)]

    return base, [trained(scale) for scale in draw.uniform(0.5, 3, count)]


def wide(tensor):
    return torch.tensor(tensor.astype(np.float64))


def group(name, base, tensors, **shared):
    """By a method over changes from a base."""
    entries = TensorGroup.from_tensors([wide(base), *map(wide, tensors)], base_index=0)
    per_model = {key: dict.fromkeys(range(1, len(tensors) + 1), shared.pop(key)) for key in ("weight", "density")}
    settings = {"int8_mask": False, "rescale": False, **per_model, **shared}
    return registry.get(name).merge_group(entries, **settings)


def masked(masks, merge):
    """With these masks, in turn, in place of mergekit's draws."""
    before, turn = torch.bernoulli, iter(masks)
    torch.bernoulli = lambda probabilities: torch.tensor(next(turn), dtype=probabilities.dtype)
    try:
        return merge()
    finally:
        torch.bernoulli = before


def metagpt(base, all_models):
    squares = [sum(((m.astype(np.float64) - b) ** 2).sum() for m, b in zip(model, base)) for model in all_models]
    shares = [square / sum(squares) for square in squares]
    merged = [
        b + sum(share * (model[i].astype(np.float64) - b) for share, model in zip(shares, all_models))
        for i, b in enumerate(base)
    ]
    return merged, shares


def flat(tensors):
    return [float(x) for tensor in tensors for x in np.asarray(tensor).reshape(-1)]


def main():
    draw = np.random.default_rng(7)
    families = []
    for count in (2, 3, 4):
        base, trained = models(draw, count)
        columns = list(zip(base, zip(*trained)))
        cases = []
        families.append({"base": flat(base), "models": [flat(model) for model in trained], "cases": cases})

        def case(method, merged, **more):
            cases.append({"method": method, "merged": flat(merged), **more})

        for first in (1.0, 2.5):
            weights = torch.tensor([[first] + [1.0] * (count - 1)], dtype=torch.float64)
            linear = registry.get("linear")
            merged = [
                linear.merge_batch(TensorBatch([wide(t)[None] for t in ts]), weight=weights, normalize=True)[0]
                for ts in zip(*trained)
            ]
            case(f"average(first={first})", merged)
        for coefficient in (0.3, 0.8):
            merged = [
                group("task_arithmetic", b, ts, weight=coefficient, density=1.0, normalize=False, **{"lambda": 1.0})
                for b, ts in columns
            ]
            case(f"arithmetic(coefficient={coefficient})", merged)
        merged, shares = metagpt(base, trained)
        case("metagpt", merged, coefficients=shares)
        for density, scale in ((0.2, 1.0), (0.5, 0.7), (1.0, 1.3)):
            merged = [
                group("ties", b, ts, weight=1.0, density=density, normalize=True, **{"lambda": scale}) for b, ts in columns
            ]
            case(f"ties(density={density},coefficient={scale})", merged)
        for method, name, coefficient in (("dare", "dare_linear", 0.3), ("dare-ties", "dare_ties", 1.0)):
            density = 0.6
            masks = [[(draw.random(b.shape) < density).astype(int).tolist() for _ in trained] for b in base]
            merged = [
                masked(of_tensor, lambda b=b, ts=ts: group(
                    name, b, ts, weight=1.0, density=density, normalize=name == "dare_ties",
                    **{"lambda": coefficient / density},
                ))
                for (b, ts), of_tensor in zip(columns, masks)
            ]
            # By model and tensor, as flat lists.
            by_model = [[np.asarray(of_tensor[m]).reshape(-1).tolist() for of_tensor in masks] for m in range(count)]
            case(f"{method}(density={density},coefficient={coefficient})", merged, masks=by_model)
        if count == 2:
            for t in (0.5, 0.2):
                merged = [
                    slerp(torch.tensor([t], dtype=torch.float64), wide(a)[None], wide(b)[None])[0] for a, b in zip(*trained)
                ]
                case(f"slerp(t={t})", merged)
    # Far enough apart that the arc is no line.
    first, second = [[draw.normal(size=shape).astype(np.float32) for shape in SHAPES] for _ in range(2)]
    merged = [slerp(torch.tensor([0.3], dtype=torch.float64), wide(a)[None], wide(b)[None])[0] for a, b in zip(first, second)]
    of_arc = [{"method": "slerp(t=0.3)", "merged": flat(merged)}]
    families.append({"models": [flat(first), flat(second)], "cases": of_arc})

    sizes = [int(np.prod(shape)) for shape in SHAPES]
    versions = {name: version(name) for name in ("mergekit", "torch", "numpy")}
    file = pathlib.Path(__file__).with_suffix(".json")
    file.write_text(json.dumps({"versions": versions, "sizes": sizes, "families": families}) + "\n")
    print(sum(len(family["cases"]) for family in families), "cases", file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
