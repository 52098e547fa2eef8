"""Invented texts by a seeded generator, whose pairs of characters are as unevenly common as in real descriptions.

Measured on 524 real achievements: a pair taken from a random place stands in 0.8 % of all texts in the middle, in 9 %
at the 90th and in 16 % at the 95th percentile. `pair_shares` measures the same of any texts.
"""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

WORDS = 6000
CHARACTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 2500)]


def texts(number: int, *, length: int, seed: int = 1) -> Iterator[str]:
    """`number` texts of about `length` characters: words of two and more after Zipf and Mandelbrot, with stops."""
    source = random.Random(seed)
    shape = random.Random(0)  # the same language whatever the seed
    words = ["".join(shape.choices(CHARACTERS, k=shape.choice([2, 2, 2, 3, 4]))) for _ in range(WORDS)]
    weights = list(accumulate(1 / (rank + 60) ** 0.95 for rank in range(WORDS)))
    for _ in range(number):
        picked = source.choices(words, cum_weights=weights, k=round(length / 2.8))
        yield "".join(word + "，" * (source.random() < 0.1) for word in picked)


def pair_shares(documents: list[str], *, tries: int = 2000, seed: int = 3) -> dict[str, float]:
    """Of pairs of characters at random places, the share of all documents they stand in, at three percentiles."""
    source = random.Random(seed)
    holding = Counter(pair for text in documents for pair in {text[at : at + 2] for at in range(len(text) - 1)})
    shares = sorted(holding[random_part(source, documents, 2)] / len(documents) for _ in range(tries))
    return {f"p{percent}": round(shares[len(shares) * percent // 100], 4) for percent in (50, 90, 95)}


def random_part(source: random.Random, documents: list[str], size: int) -> str:
    text = source.choice(documents)
    start = source.randrange(len(text) - size + 1)
    return text[start : start + size]
