"""Reference values of masked-language modelling from PyTorch and transformers, for a tiny model of each family.

Each directory beside this script is a model in Hugging Face layout with golden.safetensors: one batch of padded rows
(input_ids, attention_mask, token_type_ids [B, S]; labels [B, S], -100 where nothing is masked), logits [B, S, V], loss [1], the
mean over the masked tokens, and grad.<parameter>. In float32, without dropout. To write them anew, in an environment with torch
and transformers (those used are in versions.json):

    python make.py
"""

import json
import pathlib
import shutil

import torch
import transformers as tf
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
PAD = 1
LONGEST = 9
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}

MODELS = {
    "bert-silu": (
        tf.BertForMaskedLM,
        tf.BertConfig(vocab_size=23, max_position_embeddings=12, type_vocab_size=2, pad_token_id=PAD, hidden_act="silu",
                      hidden_size=20, num_attention_heads=5, intermediate_size=37, num_hidden_layers=2, **NO_DROPOUT),
    ),
    # Its head has GELU, whatever the encoder has.
    "roberta-relu": (
        tf.RobertaForMaskedLM,
        tf.RobertaConfig(vocab_size=21, max_position_embeddings=LONGEST + PAD + 1, type_vocab_size=1, pad_token_id=PAD,
                         hidden_act="relu", layer_norm_eps=1e-5, hidden_size=10, num_attention_heads=2,
                         intermediate_size=27, num_hidden_layers=1, **NO_DROPOUT),
    ),
    "distilbert-gelu": (
        tf.DistilBertForMaskedLM,
        tf.DistilBertConfig(vocab_size=17, max_position_embeddings=15, pad_token_id=PAD, dim=14, n_heads=7, hidden_dim=10,
                            n_layers=1, activation="gelu", dropout=0.0, attention_dropout=0.0),
    ),
    # Its head leads back to the width of the embeddings, and has GELU, whatever the encoder has.
    "electra-silu-narrow": (
        tf.ElectraForMaskedLM,
        tf.ElectraConfig(vocab_size=18, max_position_embeddings=13, embedding_size=7, pad_token_id=PAD, hidden_act="silu",
                         hidden_size=12, num_attention_heads=4, intermediate_size=9, num_hidden_layers=1, **NO_DROPOUT),
    ),
}


def main():
    torch.set_num_threads(1)
    for seed, (name, (kind, config)) in enumerate(MODELS.items()):
        generator = torch.Generator().manual_seed(seed)
        directory = HERE / name
        shutil.rmtree(directory, ignore_errors=True)
        model = kind(config).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(0.4 * torch.randn(parameter.shape, generator=generator))
                if parameter.dim() == 1:
                    parameter.add_(0.5)
        model.tie_weights()
        model.save_pretrained(directory)

        shape = (4, LONGEST)
        lengths = torch.tensor([LONGEST, 4, 7, 2])
        real = torch.arange(LONGEST) < lengths[:, None]
        reads_segments = config.model_type in ("bert", "electra")
        ids = torch.randint(PAD + 1, config.vocab_size, shape, generator=generator).where(real, PAD)
        segments = torch.randint(0, 2, shape, generator=generator) if reads_segments else torch.zeros(shape)
        segments = segments.long().where(real, 0)
        masked = (torch.rand(shape, generator=generator) < 0.3) & real
        labels = torch.randint(0, config.vocab_size, shape, generator=generator).where(masked, -100)
        batch = {"input_ids": ids, "attention_mask": real.long(), "labels": labels}
        more = {"token_type_ids": segments} if reads_segments else {}
        output = model(**batch, **more)
        output.loss.backward()
        gradients = {f"grad.{name}": p.grad for name, p in model.named_parameters() if p.grad is not None}
        tensors = {**batch, "token_type_ids": segments, "logits": output.logits, "loss": output.loss.reshape(1), **gradients}
        save_file({name: t.detach().contiguous() for name, t in tensors.items()}, directory / "golden.safetensors")
    versions = {"torch": torch.__version__.split("+")[0], "transformers": tf.__version__}
    (HERE / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")


if __name__ == "__main__":
    main()
