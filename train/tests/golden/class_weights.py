"""Weighted cross-entropies of PyTorch and balanced weights of scikit-learn.

class_weights.json has

  losses     for some weights of the classes: cross_entropy(weight=..., reduction="mean") of the logits and labels in
             bert-gelu-new-4class/golden.safetensors, and the gradient of the classifier's bias
  balanced   for some lists of classes: compute_class_weight("balanced") of those that occur, 1 for the others

To write it anew, in an environment with torch, safetensors and scikit-learn (the versions used are in the file):

    python class_weights.py
"""

import json
import pathlib

import numpy as np
import sklearn
import torch
from safetensors.torch import load_file
from sklearn.utils.class_weight import compute_class_weight

HERE = pathlib.Path(__file__).parent
WEIGHTS = [[1, 1, 1, 1], [0.25, 3, 1, 7.5], [100, 0.01, 5, 2]]
CLASSES = [[1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 0, 1], [2, 0, 0, 2, 2, 2, 0, 2], [1]]


def losses():
    recorded = load_file(HERE / "bert-gelu-new-4class" / "golden.safetensors")
    for weights in WEIGHTS:
        logits = recorded["logits"].double().requires_grad_()
        weight = torch.tensor(weights, dtype=torch.float64)
        loss = torch.nn.functional.cross_entropy(logits, recorded["labels"], weight=weight)
        loss.backward()
        yield {"weights": weights, "loss": loss.item(), "gradient": logits.grad.sum(0).tolist()}


def balanced():
    for classes in CLASSES:
        occurring = np.unique(classes)
        weights = np.ones(max(classes) + 1)
        weights[occurring] = compute_class_weight("balanced", classes=occurring, y=classes)
        yield {"classes": classes, "weights": weights.tolist()}


golden = {
    "versions": {"torch": torch.__version__.split("+")[0], "scikit-learn": sklearn.__version__},
    "losses": list(losses()),
    "balanced": list(balanced()),
}
(HERE / "class_weights.json").write_text(json.dumps(golden, indent=1) + "\n")
