"""What the demo city offers: achievements of its institutions, and the agencies and brokers who help."""

from collections import defaultdict

from accounts.services.contacts import keep_contacts
from achievements import services
from achievements.models import Achievement
from brokers.models import Agency, Broker
from brokers.services import create_agency, create_broker, deactivate_broker, verify_agency
from portal.demo.city import DAYS_TO_REVIEW, date_settled, day, entry_days, moment, rows
from portal.demo.people import Cast
from taxonomy.models import Industry

PLAIN_FIELDS = (
    *("title", "lead_person", "category", "form", "attribute", "applied_industry", "discipline", "keywords", "summary"),
    *("innovation", "scenario", "economics", "standing", "stage", "transfer_ways", "pay_later", "wanted_partner"),
    "funds_needed_wan",
)
ENTERED = {"draft", "office_review", "city_review"}
"""States in which an item is not in the registry yet."""

DAYS_OF_FIRST_AGENCY, DAYS_BETWEEN_AGENCIES = -780, 13
"""The agencies were verified one after the other over two years."""


def load_achievements(cast: Cast, *, before: int) -> int:
    """Enter, hand in and register what came in before that day and is not here yet. Returns how many items that were.

    States that follow from talks with firms (已转化, 暂停) come later, in `settle_achievements`.
    """
    known = set(Achievement.objects.values_list("institution", "title"))
    days = entry_days("achievements")
    new = [
        row
        for row in rows("achievements")
        if days[row["id"]] < before and (cast.organisations[row["institution"]].pk, row["title"]) not in known
    ]
    if not new:
        return 0
    industries = {industry.slug: industry for industry in Industry.objects.all()}
    contacts = keep_contacts(cast.contact(row["institution"], row["contact"]) for row in new)
    made = {row["id"]: _enter(row, industries, contacts, cast) for row in new}
    _hand_in(new, made, cast)
    services.register_achievements([made[row["id"]] for row in new if row["status"] not in ENTERED], by=cast.city)
    _date({made[row["id"]].pk: days[row["id"]] for row in new})
    return len(new)


def settle_achievements(cast: Cast) -> None:
    """What became of those that were licensed, taken back for a while or for good, or left to run out of date."""
    steps = {
        "transferred": lambda one, by, why: services.mark_transferred(one, by=by, note=why),
        "paused": lambda one, by, why: services.pause_achievement(one, by=by, reason=why),
        "withdrawn": lambda one, by, why: services.withdraw_achievement(one, by=by, reason=why),
    }
    days = entry_days("achievements")
    for row in rows("achievements"):
        if row["status"] not in steps and row["valid_days"] > 0:
            continue
        offered = Achievement.objects.filter(
            institution=cast.organisations[row["institution"]], title=row["title"], status__in=Achievement.OFFERED
        )
        if row["valid_days"] <= 0:
            # Straight into the column: no service may enter what has run out already.
            offered.update(expires_on=day(row["valid_days"]))
            continue
        for achievement in offered:
            steps[row["status"]](achievement, cast.officer_of(row["institution"]) or cast.city, row["status_reason"])
            date_settled(Achievement, achievement.pk, days[row["id"]])


def load_directory(cast: Cast) -> int:
    """Enter the agencies and brokers that are not here yet, verify those that have been. Returns how many are new."""
    industries = {industry.slug: industry for industry in Industry.objects.all()}
    agencies = {agency.organisation_id: agency for agency in Agency.objects.all()}
    new = [row for row in rows("agencies") if cast.organisations[row["id"]].pk not in agencies]
    contacts = keep_contacts(cast.contact(row["id"], row["contact"]) for row in new)
    for row in new:
        agency = _enter_agency(row, industries, contacts, cast)
        agencies[agency.organisation_id] = agency
    numbers = set(Broker.objects.values_list("certificate_number", flat=True))
    new_brokers = [row for row in rows("brokers") if row["certificate_number"] not in numbers]
    contacts = keep_contacts(cast.contact(row["agency"], row["contact"]) for row in new_brokers if row["agency"])
    for row in new_brokers:
        agency = agencies[cast.organisations[row["agency"]].pk] if row["agency"] else None
        _enter_broker(row, agency, industries, contacts, cast)
    return len(new) + len(new_brokers)


def _enter(row: dict, industries: dict, contacts: dict, cast: Cast) -> Achievement:
    maturity, evaluation = row["maturity"], row["evaluation"] or {}
    fields = {name: row[name] for name in PLAIN_FIELDS} | {
        "institution": cast.organisations[row["institution"]],
        "partner_names": "；".join(row["partner_names"]),
        "industry": industries[row["industry"]],
        "maturity_scale": maturity["scale"],
        "maturity_level": maturity["level"],
        "maturity_evidence": maturity["evidence"],
        "evaluation": evaluation.get("method", ""),
        "evaluated_by": evaluation.get("by", ""),
        "evaluated_on": evaluation.get("on"),
        "price_min_wan": row["price_wan"],
        "price_max_wan": row["price_wan"],
        "price_negotiable": row["price_wan"] is None,
        "contact": contacts[cast.contact(row["institution"], row["contact"])],
        "non_secret_confirmed": True,
        "expires_on": day(max(row["valid_days"], 1)),
    }
    parts = {
        "indicators": row["indicators"],
        "intellectual_property": row["ip"],
        "completers": [{"name": name} for name in row["completers"]],
    }
    by = cast.officer_of(row["institution"]) or cast.city
    return services.create_achievement(fields, by=by, parts=parts)


def _hand_in(new: list[dict], made: dict[str, Achievement], cast: Cast) -> None:
    """To the city's desk, through the institution's office; the city answers for institutions out of town."""
    ready = [row for row in new if row["status"] not in {"draft", "office_review"}]
    services.submit_many([made[row["id"]] for row in ready], by=cast.joint_office)
    for row in new:
        from_out_of_town = row in ready and cast.officer_of(row["institution"]) is None
        if row["status"] == "office_review" or from_out_of_town:
            services.submit_achievement(made[row["id"]], by=cast.city)
        if from_out_of_town:
            services.approve_achievement(made[row["id"]], by=cast.city)


def _date(entered: dict[int, int]) -> None:
    """`entered`: how many days ago (negative) each achievement was, by primary key; those of one day in one UPDATE."""
    together = defaultdict(list)
    stand = Achievement.objects.filter(pk__in=entered).values_list("pk", "registered_at", "published_at")
    for pk, registered_at, published_at in stand:
        together[entered[pk], registered_at is not None, published_at is not None].append(pk)
    for (days, is_registered, is_published), keys in together.items():
        # Straight into the columns: no service may say that something happened on another day than today.
        dates = {"created_at": moment(days), "updated_at": moment(days), "status_changed_at": moment(days)}
        if is_registered:
            registered = moment(days + DAYS_TO_REVIEW, 15)
            dates |= {"updated_at": registered, "status_changed_at": registered, "registered_at": registered}
            dates |= {"published_at": registered} if is_published else {}
        Achievement.objects.filter(pk__in=keys).update(**dates)


def _enter_agency(row: dict, industries: dict, contacts: dict, cast: Cast) -> Agency:
    agency = create_agency(
        organisation=cast.organisations[row["id"]],
        by=cast.city,
        kind=row["kind"],
        services=row["services"],
        contact=contacts[cast.contact(row["id"], row["contact"])],
        industries=[industries[slug] for slug in row["industries"]],
        regions=[cast.regions[code] for code in row["regions"]],
    )
    if row["verified"]:
        verify_agency(agency, by=cast.city)
        # Straight into the column: no service may say that something happened on another day than today.
        days = DAYS_OF_FIRST_AGENCY + DAYS_BETWEEN_AGENCIES * rows("agencies").index(row)
        Agency.objects.filter(pk=agency.pk).update(verified_at=moment(min(days, -1)))
    return agency


def _enter_broker(row: dict, agency: Agency | None, industries: dict, contacts: dict, cast: Cast) -> None:
    broker = create_broker(
        by=cast.city,
        user=cast.person_of_broker(row["id"]),
        agency=agency,
        contact=contacts[cast.contact(row["agency"], row["contact"])] if row["agency"] else None,
        industries=[industries[slug] for slug in row["industries"]],
        regions=[cast.regions[code] for code in row["regions"]],
        **{name: row[name] for name in ("name", "level", "certificate_number", "certified_by", "title")},
        issued_on=row["issued_on"],
        expires_on=row["expires_on"],
    )
    if not row["is_active"]:
        deactivate_broker(broker, by=cast.city, reason="已离开技术转移行业")
