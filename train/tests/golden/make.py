"""Reference values from PyTorch and transformers for tiny models of shapes that the usual ones do not have.

Each directory beside this script is a model in Hugging Face layout with

  golden.safetensors       one batch: input_ids, attention_mask, token_type_ids [B, S], labels [B],
                           last_hidden_state [B, S, H], logits [B, L], loss [1] and grad.<parameter>
  trajectory.safetensors   optimiser steps: the batches as above with a leading axis, loss, grad_norm (before clipping) and
                           lr of each step, and final.<parameter>
  trajectory.json          the optimiser's settings

in float32 without dropout. To write them anew, in an environment with torch and transformers (those used are in versions.json):

    python make.py

Adam's eps is 1e-6, not the usual 1e-8: the gradient of a key's bias is zero but for rounding, and Adam divides rounding by
rounding where eps does not outweigh it.
"""

import json
import pathlib
import shutil

import torch
import transformers as tf
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
PAD = 1
LONGEST = 11
STEPS = 8
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "classifier_dropout": 0.0}

OPTIMIZER = {
    "lr": 3e-3,
    "betas": [0.8, 0.99],
    "eps": 1e-6,
    "weight_decay": 0.1,
    "max_grad_norm": 0.7,
    "warmup_steps": 2,
    "total_steps": STEPS,
}


def sizes(hidden, heads, feed_forward, layers):
    return {
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "intermediate_size": feed_forward,
        "num_hidden_layers": layers,
    }


# name: (class, configuration, how many segments occur, how the weights are stored)
MODELS = {
    "bert-gelu-new-4class": (
        tf.BertForSequenceClassification,
        tf.BertConfig(vocab_size=23, max_position_embeddings=12, type_vocab_size=3, pad_token_id=PAD, hidden_act="gelu_new",
                      num_labels=4, **sizes(20, 5, 37, 3), **NO_DROPOUT),
        3, "whole",
    ),
    "bert-tanh-half-shards": (
        tf.BertForSequenceClassification,
        tf.BertConfig(vocab_size=19, max_position_embeddings=11, pad_token_id=PAD, hidden_act="tanh", layer_norm_eps=1e-5,
                      num_labels=2, **sizes(9, 3, 5, 2), **NO_DROPOUT),
        2, "half precision, in shards",
    ),
    "roberta-relu-regression": (
        tf.RobertaForSequenceClassification,
        tf.RobertaConfig(vocab_size=21, max_position_embeddings=LONGEST + PAD + 1, type_vocab_size=1, pad_token_id=PAD,
                         hidden_act="relu", layer_norm_eps=1e-5, num_labels=1, problem_type="regression",
                         **sizes(10, 2, 27, 2), **NO_DROPOUT),
        1, "whole",
    ),
    "distilbert-relu-3class": (
        tf.DistilBertForSequenceClassification,
        tf.DistilBertConfig(vocab_size=17, max_position_embeddings=15, pad_token_id=PAD, dim=14, n_heads=7, hidden_dim=10,
                            n_layers=1, activation="relu", num_labels=3, dropout=0.0, attention_dropout=0.0,
                            seq_classif_dropout=0.0),
        1, "whole",
    ),
    "electra-silu-unprojected": (
        tf.ElectraForSequenceClassification,
        tf.ElectraConfig(vocab_size=18, max_position_embeddings=13, embedding_size=11, pad_token_id=PAD, hidden_act="silu",
                         num_labels=2, **sizes(11, 1, 19, 2), **NO_DROPOUT),
        2, "pytorch_model.bin",
    ),
    "electra-widened-regression": (
        tf.ElectraForSequenceClassification,
        tf.ElectraConfig(vocab_size=18, max_position_embeddings=13, embedding_size=7, pad_token_id=PAD, num_labels=1,
                         problem_type="regression", **sizes(12, 4, 8, 1), **NO_DROPOUT),
        2, "shards of pytorch_model.bin",
    ),
}


def draw_weights(model, generator, half):
    """Weights large enough that every path carries signal; those to be stored in half precision are rounded to it."""
    for name, parameter in model.named_parameters():
        values = 0.3 * torch.randn(parameter.shape, generator=generator)
        if "orm.weight" in name:
            values += 1
        parameter.data = values.half().float() if half else values


def draw_batch(config, segments, rows, generator):
    """Rows of 1 to LONGEST tokens, padded on the right; the first row is as long as can be, the second a single token."""
    shape = (rows, LONGEST)
    lengths = torch.randint(1, LONGEST + 1, (rows,), generator=generator)
    lengths[0], lengths[1] = LONGEST, 1
    real = torch.arange(LONGEST) < lengths[:, None]
    ids = torch.randint(PAD + 1, config.vocab_size, shape, generator=generator)
    segment_ids = torch.randint(0, segments, shape, generator=generator)
    if config.num_labels == 1:
        labels = 3 * torch.randn(rows, generator=generator)
    else:
        labels = torch.randint(0, config.num_labels, (rows,), generator=generator)
    return {
        "input_ids": ids.where(real, PAD),
        "attention_mask": real.long(),
        "token_type_ids": segment_ids.where(real, 0),
        "labels": labels,
    }


def run(model, batch):
    if model.config.model_type not in ("bert", "electra"):
        batch = {name: values for name, values in batch.items() if name != "token_type_ids"}
    return model(**batch, output_hidden_states=True)


def save(path, tensors):
    save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, path)


def write_golden(directory, model, batch):
    output = run(model, batch)
    output.loss.backward()
    gradients = {f"grad.{name}": p.grad for name, p in model.named_parameters() if p.grad is not None}
    save(directory / "golden.safetensors", {
        **batch,
        "last_hidden_state": output.hidden_states[-1],
        "logits": output.logits,
        "loss": output.loss.reshape(1),
        **gradients,
    })
    model.zero_grad(set_to_none=True)


def write_trajectory(directory, model, batches):
    o = OPTIMIZER
    plain = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": plain, "weight_decay": o["weight_decay"]}, {"params": vectors, "weight_decay": 0.0}]
    adam = torch.optim.AdamW(groups, lr=o["lr"], betas=tuple(o["betas"]), eps=o["eps"])
    schedule = tf.get_linear_schedule_with_warmup(adam, o["warmup_steps"], o["total_steps"])
    losses, norms, rates = [], [], []
    for batch in batches:
        rates.append(schedule.get_last_lr()[0])
        loss = run(model, batch).loss
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), o["max_grad_norm"]))
        losses.append(loss)
        adam.step()
        schedule.step()
        adam.zero_grad(set_to_none=True)
    save(directory / "trajectory.safetensors", {
        **{name: torch.stack([batch[name] for batch in batches]) for name in batches[0]},
        "loss": torch.stack(losses),
        "grad_norm": torch.stack(norms),
        "lr": torch.tensor(rates),
        **{f"final.{name}": p for name, p in model.named_parameters()},
    })
    (directory / "trajectory.json").write_text(json.dumps(o, indent=1) + "\n")


def save_pickles(directory, model, files):
    """The weights as transformers saved them before safetensors, in one file or in several with an index."""
    (directory / "model.safetensors").unlink()
    weights = model.state_dict()
    names = [["pytorch_model.bin"], [f"pytorch_model-0000{i}-of-00002.bin" for i in (1, 2)]][files - 1]
    file_of = {name: names[i * files // len(weights)] for i, name in enumerate(weights)}
    for file in names:
        torch.save({name: weights[name] for name in weights if file_of[name] == file}, directory / file)
    if files > 1:
        index = {"metadata": {}, "weight_map": file_of}
        (directory / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1) + "\n")


def main():
    torch.set_num_threads(1)
    for seed, (name, (kind, config, segments, stored)) in enumerate(MODELS.items()):
        generator = torch.Generator().manual_seed(seed)
        directory = HERE / name
        shutil.rmtree(directory, ignore_errors=True)
        model = kind(config).eval()
        half = stored.startswith("half")
        draw_weights(model, generator, half)
        if half:
            model.half().save_pretrained(directory, max_shard_size="2KB")
            model.float()
        else:
            model.save_pretrained(directory)
        if "pytorch_model" in stored:
            save_pickles(directory, model, files=2 if stored.startswith("shards") else 1)
        write_golden(directory, model, draw_batch(config, segments, 5, generator))
        write_trajectory(directory, model, [draw_batch(config, segments, 3, generator) for _ in range(STEPS)])
    versions = {"torch": torch.__version__.split("+")[0], "transformers": tf.__version__}
    (HERE / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")


if __name__ == "__main__":
    main()
