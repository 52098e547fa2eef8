"""What the demo city does beside its rounds: the nine tasks, policies, funds, pilot bases and companies founded."""

import json
from datetime import date, timedelta
from functools import cache

from django.utils import timezone

from accounts.models import Region
from achievements.models import Achievement
from audit.services import record_many
from mechanism.models import (
    Base,
    BaseRequest,
    FreePeriod,
    Fund,
    Investment,
    Measure,
    Milestone,
    Minutes,
    Policy,
    PolicyCondition,
    Remark,
    Task,
    Venture,
)
from mechanism.services.measures import create_measures
from notices.models import Kind, Notice
from portal.demo.city import FOLDER, day, moment, rows
from portal.demo.people import Cast
from taxonomy.models import Industry

CONDITION = ("subject", "field", "operator", "value", "words")


@cache
def written() -> dict:
    return json.loads((FOLDER / "mechanism.json").read_text(encoding="utf-8"))


def load_mechanism(cast: Cast) -> int:
    """Enter everything of the file, unless it is here already. Returns how many rows of the file are new."""
    if Policy.objects.filter(title=written()["policies"][0]["title"]).exists():
        return 0
    cited = {one["achievement"] for one in _cited()}
    titles = {row["title"]: row["id"] for row in rows("achievements") if row["id"] in cited}
    known = Achievement.objects.filter(title__in=titles).select_related("institution")
    achievements = {titles[one.title]: one for one in known}
    _load_policies(cast)
    _load_work(cast)
    _load_funds(cast, achievements)
    _load_bases(cast, achievements)
    _load_ventures(cast, achievements)
    return sum(len(written()[kind]) for kind in ("minutes", "measures", "policies", "funds", "bases", "ventures"))


def _cited():
    for _fund, achievement, *_rest in written()["investments"]:
        yield {"achievement": achievement}
    for _base, _unit, achievement, *_rest in written()["requests"]:
        yield {"achievement": achievement}
    for _name, achievement, *_rest in written()["ventures"]:
        yield {"achievement": achievement}


def _entered(model, made: list, cast: Cast) -> list:
    """Written in one go, with a line of the trail for each."""
    for one in made:
        one.clean_fields(exclude=[field.name for field in one._meta.concrete_fields if field.is_relation])
    model.objects.bulk_create(made)
    record_many("新建", {one: {} for one in made}, by=cast.city)
    return made


def _load_policies(cast: Cast) -> None:
    conditions = []
    made = []
    for row in written()["policies"]:
        fields = {name: value for name, value in row.items() if name not in {"conditions", "valid_from"}}
        policy = Policy(valid_from=date.fromisoformat(row["valid_from"]), published_at=moment(-200), **fields)
        made.append(policy)
        conditions += [
            PolicyCondition(policy=policy, order=order, **dict(zip(CONDITION, condition, strict=True)))
            for order, condition in enumerate(row["conditions"], 1)
        ]
    _entered(Policy, made, cast)
    for condition in conditions:
        condition.clean()
    PolicyCondition.objects.bulk_create(conditions)


# --- The nine tasks --------------------------------------------------------------------------------------------------
def _load_work(cast: Cast) -> None:
    tasks = {str(task.number): task for task in Task.objects.all()}
    for number, row in written()["tasks"].items():
        tasks[number].goal, tasks[number].lead_text = row["goal"], row.get("lead_text", "")
        tasks[number].lead = cast.organisations.get(row["lead"])
    Task.objects.bulk_update(tasks.values(), ["goal", "lead_text", "lead"])
    minutes = [
        Minutes(held_on=day(row["held"]), recorded_by=cast.city, **{k: v for k, v in row.items() if k != "held"})
        for row in written()["minutes"]
    ]
    _entered(Minutes, minutes, cast)
    told = [(row, _measure(row, tasks, minutes, cast)) for row in written()["measures"]]
    create_measures([measure for _row, measure in told], by=cast.city)
    _load_steps(told, cast)
    Notice.objects.filter(kind=Kind.WORK, read_at=None).update(made_at=moment(-30), read_at=moment(-29))


def _measure(row: dict, tasks: dict, minutes: list, cast: Cast) -> Measure:
    organisation = cast.organisations.get(row["body"])
    return Measure(
        task=tasks[str(row["task"])],
        title=row["title"],
        organisation=organisation,
        body="" if organisation else row["body"],
        owner=cast.people.get(row.get("owner")),
        starts_on=day(row["start"]) if "start" in row else None,
        due_on=day(row["due"]),
        minutes=minutes[row["minutes"]] if "minutes" in row else None,
    )


def _load_steps(told: list[tuple[dict, Measure]], cast: Cast) -> None:
    """Straight into the columns: no service may say that something happened on another day than today."""
    milestones, remarks = [], []
    for row, measure in told:
        by = measure.owner or cast.city
        remarks += [
            Remark(measure=measure, kind=Remark.Kind.REPORT, text=text, by=by, at=moment(days, 14))
            for days, text in row.get("reports", ())
        ]
        milestones += [
            Milestone(
                measure=measure,
                title=title,
                due_on=day(due),
                reached_on=day(reached) if reached is not None else None,
                reached_by=by if reached is not None else None,
            )
            for title, due, reached in row.get("milestones", ())
        ]
        if row.get("reports"):
            measure.begun_at = moment(row["reports"][0][0], 14)
        if row.get("done"):
            measure.done_at, measure.done_by = moment(row["reports"][-1][0], 15), by
    Milestone.objects.bulk_create(milestones)
    Remark.objects.bulk_create(remarks)
    Measure.objects.bulk_update([measure for _row, measure in told], ["begun_at", "done_at", "done_by"])


# --- Money and places ------------------------------------------------------------------------------------------------
def _load_funds(cast: Cast, achievements: dict) -> None:
    industries = {one.slug: one for one in Industry.objects.all()}
    funds, focus = [], []
    for name, kind, manager, subscribed, paid_in, slugs, since, until in written()["funds"]:
        fund = Fund(
            name=name,
            kind=kind,
            manager=manager,
            subscribed_wan=subscribed,
            paid_in_wan=paid_in,
            valid_from=day(since),
            valid_to=day(until),
            note="演示数据",
        )
        funds.append(fund)
        focus += [(fund, industries[slug]) for slug in slugs]
    _entered(Fund, funds, cast)
    through = Fund.focus.through
    through.objects.bulk_create(through(fund_id=fund.pk, industry_id=one.pk) for fund, one in focus)
    made = [
        Investment(
            fund=funds[number],
            achievement=achievements[achievement],
            amount_wan=amount,
            invested_on=day(days),
            recorded_by=cast.city,
        )
        for number, achievement, amount, days in written()["investments"]
        if achievement in achievements
    ]
    _entered(Investment, made, cast)


def _region(cast: Cast, code: str) -> Region:
    """By its code, or by the name its authority has in the files."""
    unit = next((row["stat_region"] for row in rows("authorities") if row["id"] == code), None)
    return cast.regions[unit or code]


def _load_bases(cast: Cast, achievements: dict) -> None:
    industries = {one.slug: one for one in Industry.objects.all()}
    bases, fields, periods = [], [], []
    for name, kind, unit, region, slugs, takes, does, capacity, price, free in written()["bases"]:
        base = Base(
            name=name,
            kind=kind,
            organisation=cast.organisations.get(unit),
            region=_region(cast, region),
            takes=takes,
            description=does,
            capacity=capacity,
            price=price,
        )
        bases.append(base)
        fields += [(base, industries[slug]) for slug in slugs]
        periods += [FreePeriod(base=base, starts_on=day(a), ends_on=day(b), note=note) for a, b, note in free]
    _entered(Base, bases, cast)
    through = Base.fields.through
    through.objects.bulk_create(through(base_id=base.pk, industry_id=one.pk) for base, one in fields)
    FreePeriod.objects.bulk_create(periods)
    requests = []
    for number, (base, unit, achievement, what, since, until, status, answer) in enumerate(written()["requests"]):
        asked_at = moment(-20 + 3 * number, 10)
        is_over = status != BaseRequest.Status.ASKED
        requests.append(
            BaseRequest(
                base=bases[base],
                organisation=cast.organisations[unit],
                achievement=achievements.get(achievement),
                what=what,
                wanted_from=day(since) if since is not None else None,
                wanted_to=day(until) if until is not None else None,
                status=status,
                asked_by=cast.officer_of(unit),
                asked_at=asked_at,
                answer=answer,
                answered_by=cast.city if is_over else None,
                answered_at=min(asked_at + timedelta(days=2), timezone.now()) if is_over else None,
            )
        )
    _entered(BaseRequest, requests, cast)


def _load_ventures(cast: Cast, achievements: dict) -> None:
    made = [
        Venture(
            name=name,
            achievement=achievements[achievement],
            region=_region(cast, region),
            founded_on=day(founded) if founded is not None else None,
            stage=stage,
            jobs=jobs,
            incubator=incubator,
            note="演示数据",
        )
        for name, achievement, region, founded, stage, jobs, incubator in written()["ventures"]
        if achievement in achievements
    ]
    _entered(Venture, made, cast)
