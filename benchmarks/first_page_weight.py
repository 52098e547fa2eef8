"""What a browser fetches for the first page, compressed: `python -m benchmarks.first_page_weight`.

One JSON line, in bytes after gzip: the home page, as a server with compression sends it, and every style, script, icon
and picture of ours that it names. The issue's limit is on the sum.
"""

import gzip
import json
import re
from pathlib import Path

from benchmarks import environment
from benchmarks.registry import fill_achievements


def main() -> None:
    with environment.database():
        fill_achievements(200)
        print(json.dumps(measured()))


def measured() -> dict:
    from django.contrib.staticfiles import finders
    from django.test import Client

    answer = Client().get("/")
    if answer.status_code != 200:
        raise RuntimeError(f"the home page answers {answer.status_code}")
    page = answer.content
    files = sorted(set(re.findall(r'(?:href|src)="/static/([^"?]+)', page.decode())))
    parts = {"page": weight(page)} | {name: weight(Path(finders.find(name)).read_bytes()) for name in files}
    return {"benchmark": "first_page_weight", "bytes": sum(parts.values()), "parts": parts}


def weight(content: bytes) -> int:
    return len(gzip.compress(content, 6))


if __name__ == "__main__":
    main()
