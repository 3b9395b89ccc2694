"""Checkpoints as torch.save writes them, and the values that torch reads from them. To write them anew, in an environment
with torch (that used is in expected.json):

    python make.py
"""

import json
import pathlib
from collections import OrderedDict

import torch

HERE = pathlib.Path(__file__).parent


def numbers(*shape, dtype=torch.float32):
    return (torch.arange(torch.Size(shape).numel(), dtype=torch.float64).reshape(shape) / 4 - 1).to(dtype)


storage = numbers(24)
tied = numbers(3, 2)
weights = OrderedDict(
    rows=numbers(2, 3),
    half=numbers(4, dtype=torch.float16),
    bfloat=numbers(4, dtype=torch.bfloat16),
    double=numbers(3, 2, dtype=torch.float64) / 3,
    ids=torch.arange(-2, 3).expand(1, -1),
    transposed=numbers(3, 4).t(),
    permuted=numbers(2, 3, 4).permute(2, 0, 1),
    middle=storage[6:12].reshape(2, 3),
    strided=storage[1::5],
    scalar=torch.tensor(2.5),
    empty=torch.zeros(0, 7),
    parameter=torch.nn.Parameter(numbers(2, 2)),
    tied=tied,
    tied_again=tied,
)
# What nn.Module.state_dict() carries along.
weights._metadata = OrderedDict({"": {"version": 1}, "layer": {"version": 2}})

torch.save(weights, HERE / "weights.bin")
torch.save(dict(weights), HERE / "protocol5.bin", pickle_protocol=5)
training = {"epoch": 3, "best": 0.75, "seen": 1 << 40, "done": [1, "two", None, True], "state_dict": weights,
            "optimizer": {"state": {}, "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.999)}]}}
torch.save(training, HERE / "training.bin")
torch.save({"rows": weights["rows"]}, HERE / "before-1.6.bin", _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(2, 1), HERE / "module.bin")
torch.save({"epoch": 3}, HERE / "no-tensors.bin")

expected = {"torch": torch.__version__, "tensors": {}}
for name, tensor in torch.load(HERE / "weights.bin", weights_only=True).items():
    values = tensor.detach().to(torch.float64 if tensor.is_floating_point() else torch.int64).flatten().tolist()
    expected["tensors"][name] = {"shape": list(tensor.shape), "values": values}
(HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
