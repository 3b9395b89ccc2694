"""What Hugging Face's Python binding of its tokenizers makes of texts: token ids and segments of the first three RTE
training rows at 128 tokens, and how many tokens of each text stay when pairs of many lengths are cut to many limits.

Written with tokenizers 0.23.3. Run: python make_tokens.py DATA_HOME > tokens.json
"""
import json, pathlib, sys
from tokenizers import Tokenizer

home = pathlib.Path(sys.argv[1])
tokenizer = Tokenizer.from_file(str(home / "models/all-MiniLM-L6-v2/tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(128)
lines = (home / "glue/RTE/train.tsv").read_text(encoding="utf-8").split("\n")[1:4]
rows = [tokenizer.encode(*line.split("\t")[1:3]) for line in lines]

cuts = []
for limit in (5, 6, 7, 10, 18):
    tokenizer.enable_truncation(limit)
    for a in (1, 2, 3, 4, 8, 20):
        for b in (1, 2, 3, 5, 8, 19):
            texts = tokenizer.encode("a " * a, "b " * b).sequence_ids
            cuts.append([limit, a, b, texts.count(0), texts.count(1)])

print(json.dumps({"task": "RTE", "max_tokens": 128, "first_token_ids": [row.ids for row in rows],
                  "first_segment_ids": [row.type_ids for row in rows],
                  "cuts: limit, a, b, a kept, b kept": cuts}))
