"""Seconds of a training step and peak memory in torch, plain or with an aggregator of TorchJD, on the batch that
`cargo bench -p mtlift-benches --bench methods` describes on standard input. That command runs this file; see README.md.

    python torchjd_cost.py METHOD STEPS < batch.json

The loop is that of a careful user: float32, padding to the longest row of the step, fused AdamW, clipping. The aggregators get
the Jacobian over the encoder by TorchJD's mtl_backward, one task's backward pass after the other, which is the faster way
on a CPU; heads get their own task's gradient.
"""

import json
import resource
import statistics
import sys
import time

import torch
from torchjd.aggregation import MGDA, IMTLG, AlignedMTL, NashMTL, PCGrad, UPGrad
from torchjd.autojac import jac_to_grad, mtl_backward
from transformers import BertConfig, BertModel

method, steps = sys.argv[1], int(sys.argv[2])
batch = json.load(sys.stdin)
tasks = batch["tasks"]
torch.set_num_threads(batch["threads"])
torch.manual_seed(42)

model = BertModel(BertConfig(
    vocab_size=batch["vocabulary"], hidden_size=batch["hidden"], num_hidden_layers=batch["layers"],
    num_attention_heads=batch["heads"], intermediate_size=batch["feed_forward"],
), add_pooling_layer=False).train()
head = lambda: torch.nn.Sequential(
    torch.nn.Linear(batch["hidden"], batch["hidden"]), torch.nn.Tanh(), torch.nn.Dropout(0.1), torch.nn.Linear(batch["hidden"], 2)
)
heads = torch.nn.ModuleList([head() for _ in range(tasks)])
parameters = [*model.parameters(), *heads.parameters()]
optimizer = torch.optim.AdamW(parameters, lr=1e-7, weight_decay=0.01, fused=True)
aggregator = {
    "sum": None, "pcgrad": PCGrad, "upgrad": UPGrad, "mgda": MGDA, "imtl-g": IMTLG, "aligned-mtl": AlignedMTL,
    "nash": lambda: NashMTL(n_tasks=tasks),
}[method]
aggregator = aggregator and aggregator()

longest = max(length for _, length in batch["rows"])
ids = torch.zeros(len(batch["rows"]), longest, dtype=torch.long)
mask = torch.zeros_like(ids)
for row, (_, length) in enumerate(batch["rows"]):
    ids[row, :length] = torch.randint(1000, batch["vocabulary"], (length,))
    mask[row, :length] = 1
of_task = [torch.tensor([row for row, (own, _) in enumerate(batch["rows"]) if own == task]) for task in range(tasks)]
labels = torch.arange(len(batch["rows"])) % 2


def step():
    features = model(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0]
    losses = [
        torch.nn.functional.cross_entropy(heads[task](features[rows]), labels[rows], reduction="sum") / len(ids)
        for task, rows in enumerate(of_task)
    ]
    if aggregator is None:
        sum(losses).backward()
    else:
        mtl_backward(losses, features=features, parallel_chunk_size=1)
        jac_to_grad(model.parameters(), aggregator)
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)


step()
seconds = []
for _ in range(steps):
    started = time.perf_counter()
    step()
    seconds.append(time.perf_counter() - started)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": statistics.median(seconds), "mib": peak}))
