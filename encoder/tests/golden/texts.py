"""Vectors that transformers makes of texts with the model in cli/demo-model, for tests/suite/text_encoder.rs.

texts.json has the texts, and for each the mean of its tokens' last hidden states (special tokens included, as
sentence-transformers' mean pooling counts them) and the first token's. One text is longer than the model's positions. To write
it anew, in an environment with torch and transformers (the versions used are in the file):

    python texts.py
"""

import json
import pathlib

import torch
import transformers
from transformers import AutoModel, AutoTokenizer

HERE = pathlib.Path(__file__).parent
MODEL = HERE.parents[2] / "cli" / "demo-model"
TEXTS = ["The lamp shines.", "It broke in a week, and nobody at the shop would hear of it.", "", "a lamp, a chair and a table; " * 60]


def main():
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    model = AutoModel.from_pretrained(MODEL, dtype=torch.float32).eval()
    recorded = {"torch": torch.__version__, "transformers": transformers.__version__, "texts": []}
    for text in TEXTS:
        batch = tokenizer(text, truncation=True, max_length=model.config.max_position_embeddings, return_tensors="pt")
        with torch.no_grad():
            hidden = model(**batch).last_hidden_state[0]
        vectors = {"mean": hidden.mean(0), "first_token": hidden[0]}
        rounded = {name: [round(value, 5) for value in vector.tolist()] for name, vector in vectors.items()}
        recorded["texts"].append({"text": text, "tokens": len(hidden)} | rounded)
    text = json.dumps(recorded).replace('{"text"', '\n{"text"')
    (HERE / "texts.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
