"""What rules of merging look at, from PyTorch, for the models beside this script: a statistics.safetensors in each directory with

  fisher.<parameter>   the diagonal of the Fisher information of every parameter of the encoder, by autograd: the mean over the rows of golden.safetensors of
                       sum_y p(y) (d log p(y) / d theta)^2; of a regression (d value / d theta)^2
  gram.<module>        of every linear layer of the encoder the mean of x x^T over all real tokens, x being what a hook saw enter it

in float32, one row at a time without padding. In an environment with torch and transformers (those used are in the files' metadata), after
make.py:

    python statistics.py
"""

import pathlib

import torch
import transformers as tf
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).parent
VERSIONS = {"torch": torch.__version__, "transformers": tf.__version__}


def rows(model, golden):
    """The inputs of each row alone."""
    keys = ["input_ids", "attention_mask"]
    if model.config.model_type in ("bert", "electra"):
        keys.append("token_type_ids")
    for row, mask in enumerate(golden["attention_mask"]):
        length = int(mask.sum())
        yield {key: golden[key][row : row + 1, :length] for key in keys}


def terms(model, logits):
    """(p, log p) of every label, or of a regression the value with weight 1."""
    if model.config.num_labels == 1:
        return [(1.0, logits[0])]
    log_p = logits.log_softmax(-1)
    return [(float(one.exp()), one) for one in log_p]


def fisher(model, encoder, golden):
    named = [(name, parameter) for name, parameter in encoder.named_parameters() if "pooler" not in name]
    sums = [torch.zeros_like(parameter) for _, parameter in named]
    count = 0
    for inputs in rows(model, golden):
        logits = model(**inputs).logits[0]
        for weight, term in terms(model, logits):
            gradients = torch.autograd.grad(term, [p for _, p in named], retain_graph=True, allow_unused=True)
            for total, gradient in zip(sums, gradients):
                if gradient is not None:
                    total += weight * gradient**2
        count += 1
    return {name: total / count for (name, _), total in zip(named, sums)}


def grams(model, encoder, golden):
    sums, tokens, hooks = {}, 0, []
    for name, module in encoder.named_modules():
        if isinstance(module, torch.nn.Linear) and "pooler" not in name:

            def hook(_, inputs, name=name):
                x = inputs[0].detach().reshape(-1, inputs[0].shape[-1])
                sums[name] = sums.get(name, 0) + x.T @ x

            hooks.append(module.register_forward_pre_hook(hook))
    for inputs in rows(model, golden):
        model(**inputs)
        tokens += inputs["input_ids"].numel()
    for hook in hooks:
        hook.remove()
    return {name: total / tokens for name, total in sums.items()}


def main():
    for directory in sorted(path for path in HERE.iterdir() if path.is_dir()):
        model = tf.AutoModelForSequenceClassification.from_pretrained(directory, torch_dtype=torch.float32).eval()
        prefix = model.base_model_prefix
        encoder = getattr(model, prefix)
        golden = load_file(directory / "golden.safetensors")
        tensors = {f"fisher.{prefix}.{name}": value for name, value in fisher(model, encoder, golden).items()}
        tensors |= {f"gram.{prefix}.{name}": value for name, value in grams(model, encoder, golden).items()}
        tensors = {name: value.detach().contiguous() for name, value in tensors.items()}
        save_file(tensors, directory / "statistics.safetensors", metadata=VERSIONS)
        print(directory.name, len(tensors), "tensors")


if __name__ == "__main__":
    main()
