"""Load the demands of the demo city's firms."""

from collections import defaultdict
from datetime import datetime

from accounts.models import Organisation, User
from accounts.services.contacts import ContactDetails, save_contacts
from demands.models import Demand
from demands.services.anonymity import confirm_exposure
from demands.services.editing import create_demand
from demands.services.lifecycle import convert_to_challenge, mark_solved, track_demand
from demands.services.publication import publish_demands
from demands.services.review import start_diagnosis, submit_demands
from portal.demo.dataset import DAYS_TO_REVIEW, backdate_settlement, day, entry_days, moment, month, rows, write_dates
from portal.demo.people import DemoContext
from taxonomy.models import Industry

DIRECT_FIELDS = (
    *("title", "kind", "applied_industry", "problem", "goal", "conditions", "keywords", "transfer_ways"),
    *("budget_min_wan", "budget_max_wan", "budget_negotiable", "is_anonymous", "wants_challenge"),
)
ENTERED = {"draft", "district_review", "diagnosis"}
"""Statuses before publication."""


def load_demands(demo: DemoContext, *, before: int) -> int:
    """Create, submit and publish the missing demands entered before day `before`. Returns their number.

    Later statuses (已解决, 转揭榜挂帅, 长期跟踪) are set by `settle_demands`.
    """
    known = set(Demand.objects.values_list("firm", "title"))
    days = entry_days("demands")
    new = [
        row
        for row in rows("demands")
        if days[row["id"]] < before and (demo.organisations[row["firm"]].pk, row["title"]) not in known
    ]
    if not new:
        return 0
    industries = {industry.slug: industry for industry in Industry.objects.all()}
    save_contacts(_contact(row, demo) for row in new)  # in bulk, before the demands refer to them
    made = {row["id"]: _enter(row, industries, demo) for row in new}
    _confirm([row for row in new if row["is_anonymous"]], made, demo)
    _submit([row for row in new if row["status"] != "draft"], made, demo)
    for row in new:
        if row["status"] == "diagnosis":
            start_diagnosis(made[row["id"]], by=demo.district_of(made[row["id"]].firm))
    to_publish = [made[row["id"]] for row in new if row["status"] not in ENTERED]
    for region in {demand.firm.stat_region_id for demand in to_publish}:
        demands = [demand for demand in to_publish if demand.firm.stat_region_id == region]
        publish_demands(demands, by=demo.district_of(demands[0].firm))
    write_dates(
        Demand,
        {made[row["id"]].pk: _dates(days[row["id"]], is_published=row["status"] not in ENTERED) for row in new},
    )
    return len(new)


def settle_demands(demo: DemoContext) -> None:
    """Set the demands of the dataset that are 已解决, 转揭榜挂帅 or 长期跟踪."""
    steps = {"solved": mark_solved, "challenge": convert_to_challenge, "tracking": track_demand}
    days = entry_days("demands")
    for row in rows("demands"):
        if row["status"] not in steps:
            continue
        waiting = Demand.objects.filter(
            firm=demo.organisations[row["firm"]], title=row["title"], status=Demand.Status.PUBLISHED
        )
        for demand in waiting:
            by = demo.district_of(demand.firm)
            if row["status"] == "tracking":
                track_demand(demand, by=by, reason=row["status_reason"])
            else:
                steps[row["status"]](demand, by=by)
                # These two services take no reason; the demo shows one.
                Demand.objects.filter(pk=demand.pk).update(status_reason=row["status_reason"])
            backdate_settlement(Demand, demand.pk, days[row["id"]])


def _shows_teaser_only(row: dict, demo: DemoContext) -> bool:
    """Whether the demo publishes only the teaser of a demand: every fourth of the firms with an account."""
    published = [
        other["id"] for other in rows("demands") if demo.officer_of(other["firm"]) and other["status"] not in ENTERED
    ]
    return row["id"] in published[::4]


def _enter(row: dict, industries: dict, demo: DemoContext) -> Demand:
    firm, period = demo.organisations[row["firm"]], row["period"]
    values = {name: row[name] for name in DIRECT_FIELDS} | {
        "industry": industries[row["industry"]],
        "period_text": period["text"],
        "period_start": month(period["start_in_months"]),
        "period_end": month(period["end_in_months"], last=True),
        "expires_on": day(row["valid_days"]),
    }
    if _shows_teaser_only(row, demo):
        values |= {
            "disclosure": Demand.Disclosure.TEASER,
            "teaser": f"寻找“{row['title']}”方面的技术和合作院校，具体工况和指标不公开。",
        }
    by, contact = _actor(firm, row, demo), _contact(row, demo)
    return create_demand(firm=firm, by=by, values=values, indicators=row["indicators"], contact=contact)


def _actor(firm: Organisation, row: dict, demo: DemoContext) -> User:
    return demo.officer_of(row["firm"]) or demo.district_of(firm)


def _contact(row: dict, demo: DemoContext) -> ContactDetails:
    # Anonymous firms do not consent to sharing their contact.
    return demo.contact(row["firm"], row["contact"], consents=not row["is_anonymous"])


def _confirm(anonymous: list[dict], made: dict[str, Demand], demo: DemoContext) -> None:
    """Where a firm with an account writes what leads to it, it agrees to that, as its officer would in the form."""
    for row in anonymous:
        if officer := demo.officer_of(row["firm"]):
            confirm_exposure(made[row["id"]], by=officer)


def _submit(submitted: list[dict], made: dict[str, Demand], demo: DemoContext) -> None:
    """Submit the demands to the districts, in one bulk call per user."""
    users, demands_by_user = {}, defaultdict(list)
    for row in submitted:
        by = _actor(demo.organisations[row["firm"]], row, demo)
        users[by.pk] = by
        demands_by_user[by.pk].append(made[row["id"]])
    for key, demands in demands_by_user.items():
        submit_demands(demands, by=users[key])


def _dates(days: int, *, is_published: bool) -> dict[str, datetime]:
    dates = dict.fromkeys(("created_at", "updated_at", "status_changed_at"), moment(days))
    if is_published:
        reviewed = moment(days + DAYS_TO_REVIEW, 14)
        dates |= dict.fromkeys(("updated_at", "status_changed_at", "published_at"), reviewed)
    return dates
