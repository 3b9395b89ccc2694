"""Writes orders.json beside this file: epochs of plain mixtures, every row of every task once.

Run:  python schedule/tests/golden/orders.py
Needs nothing but Python 3.

The shuffle and the interleaving as the crate documents them, written a second time, over SplitMix64 (Steele, Lea and Flood
2014) seeded by name as in tests/suite/words.rs.
"""

import json
import pathlib

MASK = 2**64 - 1


def split_mix_64(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        word = state
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
        yield word ^ (word >> 31)


def stream(seed, *name):
    state = seed
    for number in name:
        state = next(split_mix_64(state ^ number))
    return split_mix_64(state)


def draw(words, bound):
    while True:
        high, low = divmod(next(words) * bound, 2**64)
        if low >= 2**64 % bound:
            return high


def shuffled(items, words):
    for last in range(len(items) - 1, 0, -1):
        other = draw(words, last + 1)
        items[last], items[other] = items[other], items[last]
    return items


def order(seed, epoch, sizes):
    # A pass over every task in each epoch: pass and epoch have the same number.
    streams = [iter(shuffled(list(range(size)), stream(seed, 1, task, 0, epoch))) for task, size in enumerate(sizes)]
    tasks = shuffled([task for task, size in enumerate(sizes) for _ in range(size)], stream(seed, 2, epoch, 0, 0))
    rows = [[task, next(streams[task])] for task in tasks]
    return {"seed": seed, "epoch": epoch, "sizes": sizes, "rows": rows}


CASES = [order(0, 0, [1]), order(42, 0, [10]), order(7, 0, [5, 1, 9]), order(7, 3, [5, 1, 9]), order(MASK, 1, [100])]
pathlib.Path(__file__).with_name("orders.json").write_text(json.dumps(CASES, separators=(",", ":")) + "\n")
