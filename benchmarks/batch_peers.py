"""The twenty best achievements of each demand by other means: `python -m benchmarks.batch_peers 2000x200`.

Prints one JSON line for each: seconds of the processor (of this process, without PostgreSQL's) and of the clock for
the index and all queries, for PostgreSQL for the queries only; the peak of memory so far in MB; and `recall`: the share
of the engine's first twenty among its first twenty. The engine stands in the first line. `pgvector` searches vectors of
256 dimensions made of the same words by a seeded projection: exactly, and by HNSW. A peer that is not installed is left
out with a note.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks import environment
from benchmarks.texts import texts
from matching.engine import Item, build
from matching.engine.tokeniser import tokenise

TOP = 20
DIMENSIONS = 256

type Best = list[list[int]]
"""Of each demand the numbers of its best achievements."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", nargs="?", default="2000x200")
    achievements, demands = map(int, parser.parse_args().size.split("x"))
    offers = [Item(n, text[:20], text) for n, text in enumerate(texts(achievements, length=480))]
    needs = [Item(n, text[:18], text) for n, text in enumerate(texts(demands, length=150, seed=9))]
    reference, line = measured("engine", lambda: engine(offers, needs))
    print(json.dumps(line), flush=True)
    documents, queries = [item.full_text for item in offers], [item.full_text for item in needs]
    peers: dict[str, Callable[[], Best]] = {
        "tfidf and sparse product": lambda: sparse_product(documents, queries, tokenise),
        "bm25s": lambda: bm25s_search(documents, queries),
    }
    for name, search in peers.items():
        package = {"tfidf and sparse product": "sparse_dot_topn"}.get(name, name)
        if find_spec(package) is None:
            print(json.dumps({"peer": name, "note": f"{package} is not installed"}))
            continue
        best, line = measured(name, search)
        print(json.dumps(line | {"recall": recall(reference, best)}), flush=True)
    with environment.database():
        for name, search in database_peers(documents, queries):
            best, line = measured(name, search)
            print(json.dumps(line | {"recall": recall(reference, best)}), flush=True)


def measured(name: str, search: Callable[[], Best]) -> tuple[Best, dict[str, Any]]:
    begun, clock = time.process_time(), time.monotonic()
    best = search()
    return best, {
        "peer": name,
        "processor": round(time.process_time() - begun, 2),
        "seconds": round(time.monotonic() - clock, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def recall(reference: Best, best: Best) -> float:
    shares = [len(set(own) & set(other)) / max(len(own), 1) for own, other in zip(reference, best, strict=True)]
    return round(sum(shares) / max(len(shares), 1), 3)


def engine(offers: Sequence[Item], needs: Sequence[Item]) -> Best:
    rankings = build(offers, needs).rank(needs, k=TOP)
    return [[int(ranked.achievement_id) for ranked in ranking.achievements] for ranking in rankings]


def sparse_product(documents: Sequence[str], queries: Sequence[str], tokenise: Callable[[str], list[str]]) -> Best:
    """TF-IDF of the same terms by scikit-learn, and the product that keeps the best of each row."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sparse_dot_topn import sp_matmul_topn

    vectorizer = TfidfVectorizer(analyzer=tokenise, sublinear_tf=True, dtype=np.float32)
    vectorizer.fit([*documents, *queries])
    rows, wanted = vectorizer.transform(documents), vectorizer.transform(queries)
    best = sp_matmul_topn(wanted, rows.T.tocsr(), top_n=TOP, n_threads=1, sort=True)
    return [best.indices[best.indptr[n] : best.indptr[n + 1]].tolist() for n in range(len(queries))]


def bm25s_search(documents: Sequence[str], queries: Sequence[str]) -> Best:
    import bm25s

    searcher = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    searcher.index([tokenise(text) for text in documents], show_progress=False)
    numbers, _scores = searcher.retrieve(
        [tokenise(text) for text in queries], k=min(TOP, len(documents)), show_progress=False
    )
    return [[int(number) for number in row] for row in numbers]


def database_peers(documents: Sequence[str], queries: Sequence[str]) -> Iterator[tuple[str, Callable[[], Best]]]:
    """PostgreSQL on the same terms: full text, and vectors exactly and by HNSW."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # that of a web process would end the build of an index
        cursor.execute("CREATE TABLE peer (id int PRIMARY KEY, words tsvector)")
        rows = [(number, " ".join(tokenise(text))) for number, text in enumerate(documents)]
        cursor.executemany("INSERT INTO peer VALUES (%s, to_tsvector('simple', %s))", rows)
        cursor.execute("CREATE INDEX ON peer USING gin (words)")
        yield "PostgreSQL full text", lambda: [_full_text(cursor, text) for text in queries]
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")
        if not cursor.fetchone()[0]:
            print(json.dumps({"peer": "pgvector", "note": "the server has no extension vector"}))
            return
        cursor.execute("CREATE EXTENSION vector")
        cursor.execute(f"ALTER TABLE peer ADD COLUMN place vector({DIMENSIONS})")
        cursor.executemany(
            "UPDATE peer SET place = %s WHERE id = %s", [(_vector(text), n) for n, text in enumerate(documents)]
        )
        yield "pgvector exact", lambda: [_nearest(cursor, text) for text in queries]
        cursor.execute("CREATE INDEX ON peer USING hnsw (place vector_cosine_ops)")
        yield "pgvector HNSW", lambda: [_nearest(cursor, text) for text in queries]


def _full_text(cursor: Any, text: str) -> list[int]:
    words = " | ".join(dict.fromkeys(tokenise(text)))
    cursor.execute(
        "SELECT id FROM peer, to_tsquery('simple', %s) query WHERE words @@ query "
        "ORDER BY ts_rank(words, query) DESC, id LIMIT %s",
        [words, TOP],
    )
    return [row[0] for row in cursor.fetchall()]


def _nearest(cursor: Any, text: str) -> list[int]:
    cursor.execute("SELECT id FROM peer ORDER BY place <=> %s::vector LIMIT %s", [_vector(text), TOP])
    return [row[0] for row in cursor.fetchall()]


def _vector(text: str) -> str:
    """The sum of the vectors of all terms, as a literal."""
    from matching.engine.term_codes import count_terms

    _rows, codes, counts = count_terms([text])
    total = np.zeros(DIMENSIONS, np.float32)
    for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
        total += (1 + np.log(count)) * _vector_of_term(code)
    return json.dumps((total / max(float(np.linalg.norm(total)), 1e-9)).round(5).tolist())


@lru_cache(maxsize=50_000)
def _vector_of_term(code: int) -> Any:
    """A fixed pseudo-random vector."""
    return np.random.default_rng(code).standard_normal(DIMENSIONS, dtype=np.float32)


if __name__ == "__main__":
    main()
