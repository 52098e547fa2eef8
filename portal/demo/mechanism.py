"""Load `demo_city/mechanism.json`: nine tasks, policies, funds, pilot bases and ventures."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from django.db.models import Model
from django.utils import timezone

from accounts.models import Organisation, Region
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
from notices.models import Notice, NoticeKind
from portal.demo.confirmations import answer_for_parties
from portal.demo.dataset import day, folder, moment, rows
from portal.demo.people import DemoContext
from taxonomy.models import Industry

CONDITION = ("subject", "field", "operator", "value", "words")


@cache
def mechanism_data() -> dict:
    """The content of `mechanism.json`."""
    return json.loads((folder() / "mechanism.json").read_text(encoding="utf-8"))


def load_mechanism(demo: DemoContext) -> int:
    """Load the whole file unless its first policy exists. Returns the number of rows of the file."""
    if Policy.objects.filter(title=mechanism_data()["policies"][0]["title"]).exists():
        return 0
    cited = set(_cited_achievements())
    titles = {row["title"]: row["id"] for row in rows("achievements") if row["id"] in cited}
    known = Achievement.objects.filter(title__in=titles).select_related("institution")
    achievements = {titles[achievement.title]: achievement for achievement in known}
    _load_policies(demo)
    _load_work(demo)
    _load_funds(demo, achievements)
    _load_bases(demo, achievements)
    _load_ventures(demo, achievements)
    return sum(
        len(mechanism_data()[kind]) for kind in ("minutes", "measures", "policies", "funds", "bases", "ventures")
    )


def _cited_achievements() -> Iterator[str]:
    for _fund, achievement, *_rest in mechanism_data()["investments"]:
        yield achievement
    for _base, _unit, achievement, *_rest in mechanism_data()["requests"]:
        yield achievement
    for _name, achievement, *_rest in mechanism_data()["ventures"]:
        yield achievement


def _bulk_create[T: Model](model: type[T], instances: list[T], demo: DemoContext) -> list[T]:
    """Clean and create rows in bulk, with one audit record each."""
    relations = [field.name for field in model._meta.concrete_fields if field.is_relation]
    for instance in instances:
        instance.clean_fields(exclude=relations)
    model.objects.bulk_create(instances)
    record_many("新建", {instance: {} for instance in instances}, by=demo.city)
    return instances


def _load_policies(demo: DemoContext) -> None:
    conditions = []
    policies = []
    for row in mechanism_data()["policies"]:
        fields = {name: value for name, value in row.items() if name not in {"conditions", "valid_from"}}
        policy = Policy(valid_from=date.fromisoformat(row["valid_from"]), published_at=moment(-200), **fields)
        policies.append(policy)
        conditions += [
            PolicyCondition(policy=policy, order=order, **dict(zip(CONDITION, condition, strict=True)))
            for order, condition in enumerate(row["conditions"], 1)
        ]
    _bulk_create(Policy, policies, demo)
    for condition in conditions:
        condition.clean()
    PolicyCondition.objects.bulk_create(conditions)


# --- The nine tasks --------------------------------------------------------------------------------------------------
def _load_work(demo: DemoContext) -> None:
    tasks = {str(task.number): task for task in Task.objects.all()}
    for number, row in mechanism_data()["tasks"].items():
        tasks[number].goal, tasks[number].lead_text = row["goal"], row.get("lead_text", "")
        tasks[number].lead = demo.organisations.get(row["lead"])
    Task.objects.bulk_update(tasks.values(), ["goal", "lead_text", "lead"])
    minutes = [
        Minutes(held_on=day(row["held"]), recorded_by=demo.city, **{k: v for k, v in row.items() if k != "held"})
        for row in mechanism_data()["minutes"]
    ]
    _bulk_create(Minutes, minutes, demo)
    measures = [(row, _measure(row, tasks, minutes, demo)) for row in mechanism_data()["measures"]]
    create_measures([measure for _row, measure in measures], by=demo.city)
    for row, measure in measures:
        measure.joint.set([demo.organisations[name] for name in row.get("joint", ())])
    _load_steps(measures, demo)
    Notice.objects.filter(kind=NoticeKind.WORK, read_at=None).update(made_at=moment(-30), read_at=moment(-29))


def _measure(row: dict, tasks: dict, minutes: list, demo: DemoContext) -> Measure:
    organisation = demo.organisations.get(row["body"])
    return Measure(
        task=tasks[str(row["task"])],
        title=row["title"],
        organisation=organisation,
        body="" if organisation else row["body"],
        owner=demo.people.get(row.get("owner")),
        starts_on=day(row["start"]) if "start" in row else None,
        due_on=day(row["due"]),
        minutes=minutes[row["minutes"]] if "minutes" in row else None,
        report_days=row.get("report_days"),
        report_due_on=day(row["report_due"]) if "report_due" in row else None,
    )


def _load_steps(measures: list[tuple[dict, Measure]], demo: DemoContext) -> None:
    """Add reports, milestones and completion dates. Written directly: services only record today's date."""
    milestones, remarks = [], []
    for row, measure in measures:
        by = measure.owner or demo.people.get(row["body"]) or demo.city
        remarks += [
            Remark(
                measure=measure,
                kind=Remark.Kind.REPORT,
                text=text,
                by=by,
                at=moment(days, 14),
                **_review(measure, days, demo),
            )
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
    Measure.objects.bulk_update([measure for _row, measure in measures], ["begun_at", "done_at", "done_by"])


def _review(measure: Measure, days: int, demo: DemoContext) -> dict:
    """The city accepted the earlier reports of bureaus."""
    if measure.organisation is None or measure.organisation.kind != Organisation.Kind.BUREAU:
        return {}
    return {
        "organisation": measure.organisation,
        "review": Remark.Review.ACCEPTED,
        "reviewed_by": demo.city,
        "reviewed_at": moment(days + 1, 10),
    }


# --- Funds and bases -------------------------------------------------------------------------------------------------
def _load_funds(demo: DemoContext, achievements: dict) -> None:
    industries = {industry.slug: industry for industry in Industry.objects.all()}
    funds, focus = [], []
    for name, kind, manager, subscribed, paid_in, slugs, since, until in mechanism_data()["funds"]:
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
    _bulk_create(Fund, funds, demo)
    through = Fund.focus.through
    through.objects.bulk_create(through(fund_id=fund.pk, industry_id=industry.pk) for fund, industry in focus)
    investments = [
        Investment(
            fund=funds[number],
            achievement=achievements[achievement],
            amount_wan=amount,
            invested_on=day(days),
            recorded_by=demo.city,
        )
        for number, achievement, amount, days in mechanism_data()["investments"]
        if achievement in achievements
    ]
    _bulk_create(Investment, investments, demo)
    _answer(investments, demo)


def _region(demo: DemoContext, code: str) -> Region:
    """The region with this code, or the region of the authority with this id."""
    unit = next((row["stat_region"] for row in rows("authorities") if row["id"] == code), None)
    return demo.regions[unit or code]


def _answer(rows: list, demo: DemoContext) -> None:
    """The named organisations have confirmed all but the last of the rows."""
    last = rows[-1].pk if rows else None
    answer_for_parties(rows, asked_by=demo.city, at=lambda row: moment(-10, 10), waits=lambda row, role: row.pk == last)


def _load_bases(demo: DemoContext, achievements: dict) -> None:
    industries = {industry.slug: industry for industry in Industry.objects.all()}
    bases, fields, periods = [], [], []
    for name, kind, unit, region, slugs, takes, does, capacity, price, free in mechanism_data()["bases"]:
        base = Base(
            name=name,
            kind=kind,
            organisation=demo.organisations.get(unit),
            region=_region(demo, region),
            takes=takes,
            description=does,
            capacity=capacity,
            price=price,
        )
        bases.append(base)
        fields += [(base, industries[slug]) for slug in slugs]
        periods += [FreePeriod(base=base, starts_on=day(a), ends_on=day(b), note=note) for a, b, note in free]
    _bulk_create(Base, bases, demo)
    _answer(bases, demo)
    through = Base.fields.through
    through.objects.bulk_create(through(base_id=base.pk, industry_id=industry.pk) for base, industry in fields)
    FreePeriod.objects.bulk_create(periods)
    requests = []
    for number, (base, unit, achievement, what, since, until, status, answer) in enumerate(
        mechanism_data()["requests"]
    ):
        asked_at = moment(-20 + 3 * number, 10)
        is_over = status != BaseRequest.Status.ASKED
        requests.append(
            BaseRequest(
                base=bases[base],
                organisation=demo.organisations[unit],
                achievement=achievements.get(achievement),
                what=what,
                wanted_from=day(since) if since is not None else None,
                wanted_to=day(until) if until is not None else None,
                status=status,
                asked_by=demo.officer_of(unit),
                asked_at=asked_at,
                answer=answer,
                answered_by=demo.city if is_over else None,
                answered_at=min(asked_at + timedelta(days=2), timezone.now()) if is_over else None,
            )
        )
    _bulk_create(BaseRequest, requests, demo)


def _load_ventures(demo: DemoContext, achievements: dict) -> None:
    ventures = [
        Venture(
            name=name,
            achievement=achievements[achievement],
            region=_region(demo, region),
            founded_on=day(founded) if founded is not None else None,
            stage=stage,
            jobs=jobs,
            incubator=incubator,
            note="演示数据",
        )
        for name, achievement, region, founded, stage, jobs, incubator in mechanism_data()["ventures"]
        if achievement in achievements
    ]
    _bulk_create(Venture, ventures, demo)
    _answer(ventures, demo)
