"""Forty officers deciding at once: `python -m benchmarks.review_desk [--officers N] [--seconds S]`.

One JSON line. Through a real gunicorn (2 workers of 4 threads, as the demo's) on real PostgreSQL, with real sessions
and CSRF checks, in three ways on the same rows, without a pause between decisions:

desk         the review desk as its scripts use it: a page once, pairs fetched ahead, one POST per decision
change form  the admin: list, form, dialog, its answer, the form again, back to the list
list action  the admin: list, a ticked row, the action run, the list again; the evidence is not seen

Per way: decisions, their number per second, `p50_ms` and `p95_ms` from the first request of a decision to the last
answer, `answer_p95_ms` of the request that decides, requests and bytes per decision (bodies as they travel, gzipped),
what a person must do for one (`interactions`, `page_loads`), and what went wrong: `lost` (confirmed, but not in the
database), `double` (decided more than once), `conflicts` (a colleague was first, and the page said so).
"""

import argparse
import gzip
import http.client
import json
import math
import os
import secrets
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

from benchmarks import environment

REGIONS, ROWS_OF_A_REGION, OFFERS = 8, 1000, 100
WAYS = {"desk": (1, 0), "change form": (5, 3), "list action": (4, 1)}
"""What a person does for one decision: interactions and page loads. Desk: a key. Change form: open, accept, confirm,
back, and find the next. List action: tick, open the menu, choose, run."""
CSRF = secrets.token_hex(16)


def application():
    """For gunicorn: the site with plainly named static files, as before they are collected."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.WHITENOISE_USE_FINDERS = True
    return get_wsgi_application()


@dataclass
class Officer:
    """A browser that sends what the pages would send."""

    port: int
    session: str
    decided: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    requests: int = 0
    received: int = 0
    conflicts: int = 0
    messages: str = ""

    def __post_init__(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json", **more) -> tuple:
        """(status, text) of an answer."""
        headers = {
            "Cookie": f"sessionid={self.session}; csrftoken={CSRF}; {self.messages}",
            "X-CSRFToken": CSRF,
            "Accept-Encoding": "gzip",
            **({"Content-Type": kind} if body else {}),
            **more,
        }
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie", ()):  # the admin's answers travel in one
            if cookie.startswith("messages="):
                self.messages = cookie.partition(";")[0]
        self.requests += 1
        self.received += len(content)
        if answer.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        if answer.status >= 500:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return answer.status, content.decode()

    def post(self, path: str, **fields) -> tuple[int, dict]:
        status, text = self.ask("POST", path, json.dumps(fields).encode())
        return status, json.loads(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--officers", type=int, default=40)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    os.environ["SECURE_COOKIES"] = "False"
    with environment.database():
        from django.conf import settings

        settings.ALLOWED_HOSTS.append("127.0.0.1")
        os.environ["ALLOWED_HOSTS"] = "127.0.0.1"
        sessions = fill(options.officers)
        port = free_port()
        server = serve(port)
        try:
            measured = {way: run(way, port, sessions, options.seconds) for way in WAYS}
        finally:
            server.terminate()
            server.wait(20)
    print(json.dumps({"benchmark": "review_desk", "officers": options.officers, "ways": measured}, ensure_ascii=False))


def fill(officers: int) -> list[str]:
    """Regions with firms, needs, achievements and proposals; a session for each officer."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client

    from accounts.models import Organisation, Region, Role
    from accounts.services.members import add_member
    from achievements.models import Achievement
    from benchmarks.registry import fill_achievements
    from demands.models import Demand
    from matching.models import Match, MatchRun

    fill_achievements(OFFERS)
    offers = list(Achievement.objects.all()[:OFFERS])
    now = "2026-11-20T08:00:00Z"
    run = MatchRun.objects.create(title="批次", engine="p0", snapshot_hash="0" * 64, status="done", finished_at=now)
    sessions = []
    regions = list(Region.objects.filter(is_reporting=True)[:REGIONS])
    for place, region in enumerate(regions):
        firm = Organisation.objects.create(name=f"基准企业{place}", kind="firm", stat_region=region)
        unit = Organisation.objects.create(name=f"基准区县{place}", kind="district", stat_region=region)
        needs = Demand.objects.bulk_create(
            Demand(
                firm=firm, title=f"基准需求{place}-{number}", problem=offers[number].summary, kind="problem",
                status="published", published_at=now,
            )
            for number in range(ROWS_OF_A_REGION // OFFERS)
        )  # fmt: skip
        Match.objects.bulk_create(
            Match(
                achievement=offer, demand=need, run=run, first_run=run, rank=1, score=99 - number / 40,
                parts={"title_similarity": 0.4, "text_similarity": 0.3, "bm25": 0.2}, shared_terms=[offer.title[:4]],
                facts=[{"kind": "price", "verdict": "talk", "sentence": "成果价格、需求预算面议", "brief": "价格面议"}],
            )
            for need in needs
            for number, offer in enumerate(offers)
        )  # fmt: skip
        for number in range(place, officers, len(regions)):
            user = get_user_model().objects.create_user(f"officer{number}", name=f"专员{number}")
            add_member(user, unit, Role.DISTRICT, by=None)
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            sessions.append(client.cookies["sessionid"].value)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return sessions


def serve(port: int) -> subprocess.Popen:
    """The site behind gunicorn, once it answers."""
    words = [
        "-b",
        f"127.0.0.1:{port}",
        "-w",
        "2",
        "--threads",
        "4",
        "--preload",
        "--no-control-socket",
        "--log-level",
        "warning",
    ]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "benchmarks.review_desk:application()",
        *words,
        "--log-level",
        "warning",
    ]
    server = subprocess.Popen(command, cwd=environment.CHECKOUT)
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/robots.txt")
            connection.getresponse().read()
            return server
        except OSError:
            time.sleep(0.1)
    server.kill()
    raise RuntimeError("gunicorn does not answer")


def free_port() -> int:
    from launcher.engines import free_port as find

    return find()


def run(way: str, port: int, sessions: list[str], seconds: int) -> dict:
    """All officers at once for so many seconds, in one way, from the same beginning."""
    reset()
    officers = [Officer(port, session) for session in sessions]
    until = time.monotonic() + seconds
    decide = {"desk": at_desk, "change form": in_forms, "list action": by_list}[way]
    failures = []

    def work(officer):
        try:
            decide(officer, until)
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=work, args=[officer]) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"{way}: {failures[:3]}")
    return figures(way, officers, seconds)


def reset() -> None:
    """Every proposal as it was at first. The trail stays: it cannot be emptied."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE matching_decision, matching_reservation CASCADE")
        cursor.execute(
            "UPDATE matching_match SET status = 'proposed', revision = 0, reviewed_by_id = NULL, reviewed_at = NULL, "
            "review_note = '', reject_reason = ''"
        )
        cursor.execute("VACUUM ANALYZE matching_match")


def figures(way: str, officers: list[Officer], seconds: int) -> dict:
    from django.db.models import Count

    from matching.models import Decision, Match

    confirmed = [name for officer in officers for name in officer.decided]
    done = set(Match.objects.filter(status="accepted").values_list("public_id", flat=True))
    repeated = Decision.objects.values("match").annotate(n=Count("pk")).filter(n__gt=1).count()
    number = max(len(confirmed), 1)
    took = sorted(spent for officer in officers for spent in officer.took)
    answered = sorted(spent for officer in officers for spent in officer.answered)
    interactions, page_loads = WAYS[way]
    return {
        "decisions": len(confirmed),
        "per_second": round(len(confirmed) / seconds, 1),
        "p50_ms": quantile(took, 0.5),
        "p95_ms": quantile(took, 0.95),
        "answer_p95_ms": quantile(answered, 0.95),
        "requests": round(sum(officer.requests for officer in officers) / number, 2),
        "bytes": round(sum(officer.received for officer in officers) / number),
        "interactions": interactions,
        "page_loads": page_loads,
        "lost": len(set(confirmed) - done),
        "double": repeated + len(confirmed) - len(set(confirmed)),
        "conflicts": sum(officer.conflicts for officer in officers),
    }


def quantile(values: list[float], share: float) -> int:
    return round(values[math.ceil(share * len(values)) - 1] * 1000) if values else 0


# --- The three ways ---------------------------------------------------------------------------------------------
DESK, LIST = "/admin/matching/match/triage/", "/admin/matching/match/"


def at_desk(officer: Officer, until: float) -> None:
    """As static/triage does: rows that colleagues have in hand are left to them, pairs are fetched twelve at a time."""
    _status, page = officer.ask("GET", DESK)
    waiting = _ids(page)
    last = waiting[-1]
    ready: set[str] = set()
    theirs: set[str] = set()
    while waiting and time.monotonic() < until:
        start = time.monotonic()
        ready &= set(waiting)
        if sum(name in ready for name in waiting[:20]) < 14 or waiting[0] not in ready:
            want = [name for name in waiting[:20] if name not in ready][:12]
            _status, answer = officer.post(f"{DESK}pairs/", want=want, ahead=waiting[:30], open=waiting[0])
            ready |= answer["pairs"].keys()
            theirs = {row["match"] for row in answer["looking"]}
            gone = {row["id"] for row in answer["rows"]}
            waiting = [name for name in waiting if name not in gone]
            waiting.sort(key=lambda name: name in theirs)  # stable: a colleague's come last
        if sum(name not in theirs for name in waiting) < 25:
            _status, rows = officer.ask("GET", f"{DESK}queue/?after={last}")
            last = (_ids(rows) or [last])[-1]
            waiting += [name for name in _ids(rows) if name not in waiting]
            waiting.sort(key=lambda name: name in theirs)
        if not waiting:
            return
        name = waiting.pop(0)
        ready.discard(name)
        sent = time.monotonic()
        step = {"key": str(uuid4()), "id": name, "revision": 0, "kind": "accept", "open_ms": 1000}
        status, _told = officer.post(f"{DESK}decide/", **step)
        _note(officer, name, status == 200, start, sent)


def in_forms(officer: Officer, until: float) -> None:
    while time.monotonic() < until:
        start = time.monotonic()
        rows = _listed(officer)
        if not rows:
            return
        pk, name = secrets.choice(rows[:20])  # officers who share a list seldom take the same row
        officer.ask("GET", f"{LIST}{pk}/change/")
        officer.ask("GET", f"{LIST}{pk}/accept/", **{"HX-Request": "true"})
        sent = time.monotonic()
        _accept(officer, pk, name, start, sent)


def _accept(officer: Officer, pk: str, name: str, start: float, sent: float) -> None:
    form = urlencode({"_form_submitted": "1", "csrfmiddlewaretoken": CSRF}).encode()
    officer.ask("POST", f"{LIST}{pk}/accept/", form, "application/x-www-form-urlencoded", **{"HX-Request": "true"})
    answered = time.monotonic()
    _status, page = officer.ask("GET", f"{LIST}{pk}/change/")
    _note(officer, name, "已采纳这条匹配" in page, start, sent, answered)


def by_list(officer: Officer, until: float) -> None:
    while time.monotonic() < until:
        start = time.monotonic()
        rows = _listed(officer)
        if not rows:
            return
        pk, name = secrets.choice(rows[:20])
        sent = time.monotonic()
        fields = {"action": "accept_all", "_selected_action": pk, "index": "0", "csrfmiddlewaretoken": CSRF}
        kind = "application/x-www-form-urlencoded"
        officer.ask("POST", f"{LIST}?status__exact=proposed", urlencode(fields).encode(), kind)
        answered = time.monotonic()
        _status, page = officer.ask("GET", f"{LIST}?status__exact=proposed")
        _note(officer, name, "已采纳 1 条匹配" in page, start, sent, answered)


def _note(officer: Officer, name: str, is_done: bool, start: float, sent: float, answered: float | None = None) -> None:
    now = time.monotonic()
    officer.answered.append((answered or now) - sent)
    if is_done:
        officer.decided.append(name)
        officer.took.append(now - start)
    else:
        officer.conflicts += 1


def _listed(officer: Officer) -> list[tuple[str, str]]:
    """(primary key, public id) of the rows of the admin's list; the ids are known beforehand, not read from it."""
    _status, page = officer.ask("GET", f"{LIST}?status__exact=proposed")
    keys = [piece.partition('"')[0] for piece in page.split('name="_selected_action" value="')[1:]]
    return [(key, names()[key]) for key in keys if key.isdigit()]


_names: dict[str, str] = {}


def names() -> dict[str, str]:
    from matching.models import Match

    if not _names:
        _names.update((str(pk), name) for pk, name in Match.objects.values_list("pk", "public_id"))
    return _names


def _ids(html: str) -> list[str]:
    return [piece.partition('"')[0] for piece in html.split('<li class="q" data-id="')[1:]]


if __name__ == "__main__":
    main()
