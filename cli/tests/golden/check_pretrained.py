"""Loads what `mtlift pretrain` exports with transformers: no tensor of AutoModelForMaskedLM may be missing, left over or of another
shape, AutoTokenizer must have the model's tokens, and the model must guess as well there as mtlift says it does.

Run by hand, with torch and transformers installed:

    cargo build --release
    python cli/tests/golden/check_pretrained.py --mtlift target/release/mtlift
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

# Of two kinds, in each of which every place has its word.
LINES = [" ".join(["red", "b"][row % 2] + letter for letter in "abcdefghi") for row in range(120)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mtlift", type=Path, required=True, help="the binary")
    mtlift = parser.parse_args().mtlift
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "text.txt").write_text("\n".join(LINES) + "\n")
        for tokenizer in ["wordpiece", "byte-level-bpe"]:
            out = folder / tokenizer
            flags = "--layers 1 --hidden 32 --heads 2 --vocabulary 330 --epochs 40 --batch 8 --lr 1e-2 --held-out 0.1"
            command = [mtlift, "pretrain", "--text", folder / "text.txt", "--tokenizer", tokenizer, "--out", out]
            subprocess.run([*command, *flags.split()], check=True, capture_output=True)
            ours = json.loads((out / "result.json").read_text())["held_out"]["accuracy"]

            model, info = AutoModelForMaskedLM.from_pretrained(out / "model", output_loading_info=True)
            faults = {key: value for key, value in info.items() if value}
            assert not faults, f"{tokenizer}: {faults}"
            tokens = AutoTokenizer.from_pretrained(out / "model")
            assert len(tokens) == model.config.vocab_size, (len(tokens), model.config.vocab_size)
            model.eval()
            right = total = 0
            for line in LINES[:21]:
                ids = tokens(line, return_tensors="pt")["input_ids"]
                for place in range(2, ids.shape[1] - 1):
                    masked = ids.clone()
                    masked[0, place] = tokens.mask_token_id
                    with torch.no_grad():
                        right += int(model(masked).logits[0, place].argmax() == ids[0, place])
                    total += 1
            print(f"{tokenizer}: {type(model).__name__}, {type(tokens).__name__}, accuracy {right / total:.3f}; mtlift says {ours:.3f}")
            assert right / total >= ours - 0.05, tokenizer


if __name__ == "__main__":
    main()
