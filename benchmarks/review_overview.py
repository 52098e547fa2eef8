"""The page of heads at 50,000 matches: `python -m benchmarks.review_overview [--matches N]`.

One JSON line, in milliseconds of server time (median and slowest of 15, through handler and middleware): `city`,
`district` and `round` for the page as a city officer, as a district's and for one round; `rows`, the first page of what
waits; `follow_ups`, the list of follow-ups; `notices`, the list of 5,000 notices; each with its number of questions.
"""

import argparse
import json
import random
import time
from datetime import timedelta
from statistics import median

from benchmarks import environment
from benchmarks.registry import fill_achievements

TIMES = 15


def fill(number: int) -> None:
    """Matches of twelve rounds: half decided, a third of these accepted, each of them followed up."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import Organisation, Region, User
    from achievements.models import Achievement
    from demands.models import Demand
    from matching.models import FollowUp, Match, MatchRun, SideResponse
    from notices.models import Notice

    source, now = random.Random(7), timezone.now()
    fill_achievements(2000)
    regions = list(Region.objects.reporting())
    firms = Organisation.objects.bulk_create(
        Organisation(kind="firm", name=f"示例企业{n}有限公司", stat_region=regions[n % len(regions)])
        for n in range(1500)
    )
    demands = Demand.objects.bulk_create(
        Demand(
            title=f"示例需求{n}",
            firm=firms[n % len(firms)],
            kind="problem",
            problem="减磨",
            status="published",
            published_at=now,
        )
        for n in range(3000)
    )
    runs = MatchRun.objects.bulk_create(
        MatchRun(title=f"第{n}批", engine="p2", snapshot_hash="0" * 64, status="done", finished_at=now)
        for n in range(12)
    )
    officer = User.objects.get(username="officer")
    offers = list(Achievement.objects.values_list("pk", flat=True))
    pairs = source.sample(range(len(demands) * len(offers)), number)
    statuses = ("proposed", "proposed", "proposed", "rejected", "rejected", "accepted")

    def match(pair: int) -> Match:
        run, status = source.choice(runs), source.choice(statuses)
        decided = {} if status == "proposed" else {"reviewed_by": officer, "reviewed_at": now}
        reason = "field" if status == "rejected" else ""
        return Match(
            achievement_id=offers[pair % len(offers)], demand=demands[pair // len(offers)], run=run, first_run=run,
            score=source.uniform(60, 99), status=status, reject_reason=reason, **decided,
        )  # fmt: skip

    Match.objects.bulk_create(map(match, pairs), batch_size=5000)
    Match.objects.update(created_at=now - timedelta(days=3))
    states = ("asking", "asking", "talks", "intent")

    def follow_up(match: Match) -> FollowUp:
        state = source.choice(states)
        agreed = (
            {}
            if state == "asking"
            else {"agreed_at": now, "next_on": now.date() + timedelta(days=source.randint(-9, 30))}
        )
        return FollowUp(match=match, owner=officer, status=state, **agreed)

    rows = FollowUp.objects.bulk_create(map(follow_up, Match.objects.accepted()), batch_size=5000)
    SideResponse.objects.bulk_create(
        (SideResponse(follow_up=row, side=side, due_on=now.date() + timedelta(days=source.randint(-9, 9)))
         for row in rows if row.status == "asking" for side in ("firm", "office")), batch_size=5000,
    )  # fmt: skip
    Notice.objects.bulk_create(
        Notice(recipient=officer, kind="sides", text="示例消息", path="/", about="a", key=f"a {n}") for n in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def people() -> dict:
    from accounts.models import Organisation, Region, Role, User
    from accounts.services.members import add_member

    city = Organisation.objects.create(kind="city", name="示例市科技局")
    district = Organisation.objects.create(kind="district", name="示例区", stat_region=Region.objects.reporting()[0])
    officer, head = (User.objects.create(username=name, name=name) for name in ("officer", "head"))
    add_member(officer, city, Role.CITY, by=None)
    add_member(head, district, Role.DISTRICT, by=None)
    return {"city": officer, "district": head}


def measure() -> dict:
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from matching.models import MatchRun

    users = {name: _signed_in(Client(), name) for name in ("officer", "head")}
    desk = reverse("admin:matching_desk")
    pages = {
        "city": ("officer", desk),
        "district": ("head", desk),
        "round": ("officer", f"{desk}?run={MatchRun.objects.order_by('pk')[0].pk}"),
        "rows": ("officer", reverse("admin:matching_desk_rows", args=["waiting"])),
        "follow_ups": ("officer", reverse("follow_ups")),
        "notices": ("officer", reverse("notices")),
    }
    figures = {}
    for name, (who, address) in pages.items():
        asked = []
        with connection.execute_wrapper(lambda execute, *rest, asked=asked: asked.append(1) or execute(*rest)):
            assert users[who].get(address).status_code == 200, address
        took = []
        for _ in range(TIMES):
            start = time.perf_counter()
            users[who].get(address)
            took.append((time.perf_counter() - start) * 1000)
        figures[name] = {"ms": round(median(took)), "slowest": round(max(took)), "queries": len(asked)}
    return figures


def _signed_in(client, username: str):
    from accounts.models import User

    client.force_login(User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--matches", type=int, default=50_000)
    number = parser.parse_args().matches
    with environment.database():
        people()
        fill(number)
        print(json.dumps({"matches": number, **measure()}, ensure_ascii=False))


if __name__ == "__main__":
    main()
