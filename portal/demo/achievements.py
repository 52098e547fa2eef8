"""Load the achievements of the demo city's institutions."""

from accounts.services.contacts import save_contacts
from achievements.models import Achievement
from achievements.services.editing import NewAchievement, create_achievements
from achievements.services.lifecycle import mark_transferred, pause_achievement, withdraw_achievement
from achievements.services.registration import register_achievements
from achievements.services.review import approve_achievement, submit_achievement, submit_achievements
from portal.demo.dataset import DAYS_TO_REVIEW, backdate_settlement, day, entry_days, moment, rows, write_dates
from portal.demo.people import DemoContext
from taxonomy.models import Industry

DIRECT_FIELDS = (
    *("title", "lead_person", "category", "form", "attribute", "applied_industry", "discipline", "keywords", "summary"),
    *("innovation", "scenario", "economics", "standing", "stage", "transfer_ways", "pay_later", "wanted_partner"),
    "funds_needed_wan",
)
ENTERED = {"draft", "office_review", "city_review"}
"""Statuses before registration."""


def load_achievements(demo: DemoContext, *, before: int) -> int:
    """Create, submit and register the missing achievements entered before day `before`. Returns their number.

    Later statuses (已转化, 暂停, 下架) are set by `settle_achievements`.
    """
    known = set(Achievement.objects.values_list("institution", "title"))
    days = entry_days("achievements")
    new = [
        row
        for row in rows("achievements")
        if days[row["id"]] < before and (demo.organisations[row["institution"]].pk, row["title"]) not in known
    ]
    if not new:
        return 0
    industries = {industry.slug: industry for industry in Industry.objects.all()}
    contacts = save_contacts(demo.contact(row["institution"], row["contact"]) for row in new)
    drafts = create_achievements([_draft(row, industries, contacts, demo) for row in new])
    made = {row["id"]: draft for row, draft in zip(new, drafts, strict=True)}
    _submit(new, made, demo)
    register_achievements([made[row["id"]] for row in new if row["status"] not in ENTERED], by=demo.city)
    _backdate({made[row["id"]].pk: days[row["id"]] for row in new})
    return len(new)


def settle_achievements(demo: DemoContext) -> None:
    """Transfer, pause, withdraw or expire the achievements that the dataset says so of."""
    steps = {
        "transferred": lambda item, by, reason: mark_transferred(item, by=by, note=reason),
        "paused": lambda item, by, reason: pause_achievement(item, by=by, reason=reason),
        "withdrawn": lambda item, by, reason: withdraw_achievement(item, by=by, reason=reason),
    }
    days = entry_days("achievements")
    for row in rows("achievements"):
        if row["status"] not in steps and row["valid_days"] > 0:
            continue
        offered = Achievement.objects.filter(
            institution=demo.organisations[row["institution"]], title=row["title"], status__in=Achievement.OFFERED
        )
        if row["valid_days"] <= 0:
            # Written directly: no service accepts an expiry date in the past.
            offered.update(expires_on=day(row["valid_days"]))
            continue
        for achievement in offered:
            steps[row["status"]](achievement, demo.officer_of(row["institution"]) or demo.city, row["status_reason"])
            backdate_settlement(Achievement, achievement.pk, days[row["id"]])


def _draft(row: dict, industries: dict, contacts: dict, demo: DemoContext) -> NewAchievement:
    maturity, evaluation = row["maturity"], row["evaluation"] or {}
    fields = {name: row[name] for name in DIRECT_FIELDS} | {
        "limits": row.get("limits", ""),
        "institution": demo.organisations[row["institution"]],
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
        "contact": contacts[demo.contact(row["institution"], row["contact"])],
        "non_secret_confirmed": True,
        "expires_on": day(max(row["valid_days"], 1)),
    }
    detail_rows = {
        "indicators": row["indicators"],
        "intellectual_property": row["ip"],
        "completers": [{"name": name} for name in row["completers"]],
    }
    by = demo.officer_of(row["institution"]) or demo.city
    return NewAchievement(fields, detail_rows, by)


def _submit(new: list[dict], made: dict[str, Achievement], demo: DemoContext) -> None:
    """Submit through the joint office of the local institutions; the city submits and approves for the others."""
    submitted = [row for row in new if row["status"] not in {"draft", "office_review"}]
    submit_achievements([made[row["id"]] for row in submitted], by=demo.joint_office)
    for row in new:
        is_outside_city = row in submitted and demo.officer_of(row["institution"]) is None
        if row["status"] == "office_review" or is_outside_city:
            submit_achievement(made[row["id"]], by=demo.city)
        if is_outside_city:
            approve_achievement(made[row["id"]], by=demo.city)


def _backdate(entered: dict[int, int]) -> None:
    """Set the dates of achievements ({pk: relative day of entry})."""
    states = Achievement.objects.filter(pk__in=entered).values_list("pk", "registered_at", "published_at")
    dates_by_key = {}
    for pk, registered_at, published_at in states:
        days = entered[pk]
        dates = dict.fromkeys(("created_at", "updated_at", "status_changed_at"), moment(days))
        if registered_at is not None:
            registered = moment(days + DAYS_TO_REVIEW, 15)
            dates |= dict.fromkeys(("updated_at", "status_changed_at", "registered_at"), registered)
            dates |= {"published_at": registered} if published_at is not None else {}
        dates_by_key[pk] = dates
    write_dates(Achievement, dates_by_key)
