"""What the demo city's firms need."""

from collections import defaultdict

from accounts.models import Organisation, User
from accounts.services.contacts import ContactDetails, keep_contacts
from demands import services
from demands.models import Demand
from portal.demo.city import DAYS_TO_REVIEW, date_settled, day, entry_days, moment, month, rows
from portal.demo.people import Cast
from taxonomy.models import Industry

PLAIN_FIELDS = (
    *("title", "kind", "applied_industry", "problem", "goal", "conditions", "keywords", "transfer_ways"),
    *("budget_min_wan", "budget_max_wan", "budget_negotiable", "is_anonymous", "public_alias", "wants_challenge"),
)
ENTERED = {"draft", "district_review", "diagnosis"}
"""States in which a demand is not published yet."""


def load_demands(cast: Cast, *, before: int) -> int:
    """Enter, hand in and publish what came in before that day and is not here yet. Returns how many demands that were.

    States that follow from talks (已解决, 转揭榜挂帅, 长期跟踪) come later, in `settle_demands`.
    """
    known = set(Demand.objects.values_list("firm", "title"))
    days = entry_days("demands")
    new = [
        row
        for row in rows("demands")
        if days[row["id"]] < before and (cast.organisations[row["firm"]].pk, row["title"]) not in known
    ]
    if not new:
        return 0
    industries = {industry.slug: industry for industry in Industry.objects.all()}
    keep_contacts(_contact(row, cast) for row in new)  # all at once: each is known when its demand is entered
    made = {row["id"]: _enter(row, industries, cast) for row in new}
    _hand_in([row for row in new if row["status"] != "draft"], made, cast)
    for row in new:
        if row["status"] == "diagnosis":
            services.start_diagnosis(made[row["id"]], by=cast.district_of(made[row["id"]].firm))
    to_publish = [made[row["id"]] for row in new if row["status"] not in ENTERED]
    for region in {demand.firm.stat_region_id for demand in to_publish}:
        demands = [demand for demand in to_publish if demand.firm.stat_region_id == region]
        services.publish_demands(demands, by=cast.district_of(demands[0].firm))
    together = defaultdict(list)
    for row in new:
        together[days[row["id"]], row["status"] not in ENTERED].append(made[row["id"]].pk)
    for (entered, is_published), keys in together.items():
        _date(keys, entered, published=is_published)
    return len(new)


def settle_demands(cast: Cast) -> None:
    """What became of those that were solved, called out as a challenge, or kept in sight."""
    steps = {"solved": services.mark_solved, "challenge": services.turn_to_challenge, "tracking": services.track}
    days = entry_days("demands")
    for row in rows("demands"):
        if row["status"] not in steps:
            continue
        waiting = Demand.objects.filter(
            firm=cast.organisations[row["firm"]], title=row["title"], status=Demand.Status.PUBLISHED
        )
        for demand in waiting:
            by = cast.district_of(demand.firm)
            if row["status"] == "tracking":
                services.track(demand, by=by, reason=row["status_reason"])
            else:
                steps[row["status"]](demand, by=by)
                # The first two ask for no reason; the demo has one to show.
                Demand.objects.filter(pk=demand.pk).update(status_reason=row["status_reason"])
            date_settled(Demand, demand.pk, days[row["id"]])


def _enter(row: dict, industries: dict, cast: Cast) -> Demand:
    firm, period = cast.organisations[row["firm"]], row["period"]
    values = {name: row[name] for name in PLAIN_FIELDS} | {
        "industry": industries[row["industry"]],
        "period_text": period["text"],
        "period_start": month(period["start_in_months"]),
        "period_end": month(period["end_in_months"], last=True),
        "expires_on": day(row["valid_days"]),
    }
    by, contact = _speaker(firm, row, cast), _contact(row, cast)
    return services.create_demand(firm=firm, by=by, values=values, indicators=row["indicators"], contact=contact)


def _speaker(firm: Organisation, row: dict, cast: Cast) -> User:
    return cast.officer_of(row["firm"]) or cast.district_of(firm)


def _contact(row: dict, cast: Cast) -> ContactDetails:
    # Whoever wants to stay unnamed has not agreed to be called by strangers either.
    return cast.contact(row["firm"], row["contact"], consents=not row["is_anonymous"])


def _hand_in(ready: list[dict], made: dict[str, Demand], cast: Cast) -> None:
    """To the district's desk, what one person hands in at once."""
    people, handed = {}, defaultdict(list)
    for row in ready:
        by = _speaker(cast.organisations[row["firm"]], row, cast)
        people[by.pk] = by
        handed[by.pk].append(made[row["id"]])
    for key, demands in handed.items():
        services.submit_demands(demands, by=people[key])


def _date(keys: list[int], days: int, *, published: bool) -> None:
    # Straight into the columns: no service may say that something happened on another day than today.
    dates = {"created_at": moment(days), "updated_at": moment(days), "status_changed_at": moment(days)}
    if published:
        reviewed = moment(days + DAYS_TO_REVIEW, 14)
        dates |= {"updated_at": reviewed, "status_changed_at": reviewed, "published_at": reviewed}
    Demand.objects.filter(pk__in=keys).update(**dates)
