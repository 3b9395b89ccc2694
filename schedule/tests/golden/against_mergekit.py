"""Merges two trained models with `mtlift merge` and with mergekit, tensor by tensor in float32 as mergekit does, and prints the greatest
difference of any parameter of the encoder.

    python against_mergekit.py MTLIFT BASE MODEL OTHER

In an environment with torch, safetensors and mergekit 0.1.5. MODEL and OTHER are directories with a model.safetensors that were trained from
BASE. DARE is compared at density 1 alone: what is drawn is not the same. Of changes of one size TIES keeps the first here, and mergekit any,
so its sort is made stable.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from mergekit.merge_methods import registry
from mergekit.merge_methods.base import TensorBatch, TensorGroup
from mergekit.merge_methods.slerp import slerp
from safetensors.torch import load_file

argsort = torch.argsort
torch.argsort = lambda values, descending: argsort(values, descending=descending, stable=True)
PARTS = ("embeddings.", "encoder.", "transformer.", "embeddings_project.")


def encoder(directory):
    """The encoder's tensors by their names of today without a prefix."""
    tensors = {}
    for name, tensor in load_file(Path(directory) / "model.safetensors").items():
        if not name.startswith(PARTS):
            name = name.split(".", 1)[-1]
        name = name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")
        if name.startswith(PARTS) and tensor.is_floating_point():
            tensors[name] = tensor.float()
    return tensors


def changes(name, base, tensors, density=1.0, weight=1.0, **settings):
    group = TensorGroup.from_tensors([base, *tensors], base_index=0)
    each = lambda value: dict.fromkeys(range(1, len(tensors) + 1), value)
    return registry.get(name).merge_group(
        group, int8_mask=False, rescale=False, density=each(density), weight=each(weight), **settings
    )


def linear(tensors):
    weights = torch.ones(1, len(tensors))
    return registry.get("linear").merge_batch(TensorBatch([t[None] for t in tensors]), weight=weights, normalize=True)[0]


METHODS = {
    "average": lambda base, models: linear(models),
    "arithmetic(0.3)": lambda base, models: changes(
        "task_arithmetic", base, models, weight=0.3, normalize=False, **{"lambda": 1.0}),
    "ties(density=0.2)": lambda base, models: changes(
        "ties", base, models, density=0.2, normalize=True, **{"lambda": 1.0}),
    "ties(density=0.7,coefficient=0.5)": lambda base, models: changes(
        "ties", base, models, density=0.7, normalize=True, **{"lambda": 0.5}),
    "dare(density=1,coefficient=0.4)": lambda base, models: changes(
        "dare_linear", base, models, weight=0.4, normalize=False, **{"lambda": 1.0}),
    "dare-ties(density=1)": lambda base, models: changes(
        "dare_ties", base, models, normalize=True, **{"lambda": 1.0}),
    "slerp(0.3)": lambda base, models: slerp(torch.tensor([0.3]), models[0][None], models[1][None])[0],
}


def main():
    mtlift, base, *models = sys.argv[1:]
    of_base, of_models = encoder(base), [encoder(model) for model in models]
    for method, merge in METHODS.items():
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "merged"
            subprocess.run(
                [mtlift, "merge", *models, "--base", base, "--method", method, "--out", out],
                check=True, stdout=subprocess.DEVNULL,
            )
            ours = encoder(out)
        assert ours.keys() == of_base.keys() & of_models[0].keys(), "other tensors"
        worst = max(
            ((ours[name] - merge(of_base[name], [model[name] for model in of_models])).abs().max().item(), name)
            for name in ours
        )
        largest = max(tensor.abs().max().item() for tensor in ours.values())
        print(f"{method:34} {worst[0]:.3e} at {worst[1]} (largest parameter {largest:.3f})")


if __name__ == "__main__":
    main()
