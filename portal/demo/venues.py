"""What a round of the demo city needs beside its name: halls and ways, turns, agenda, organisers, a leaflet."""

import io
from datetime import date, datetime, time

from django.utils.timezone import localdate, make_aware

from accounts.models import Organisation
from achievements.models import Achievement
from portal.demo.city import rows
from portal.demo.people import Cast
from rounds.models import AgendaItem, DockingRound, Hall, HallWalk, Organiser
from rounds.services.agenda import keep_agenda_item
from rounds.services.documents import add_document
from rounds.services.venue import make_slots

LEAFLET = (
    "请提前十五分钟到场，凭邀请码或姓名在签到台领取胸牌。",
    "洽谈按排好的时段进行，每场二十五分钟，请按时换桌；临时有事请告诉签到台，空出的桌会让给别的单位。",
    "带上样品、检测报告和合作方案，一页纸说清楚要解决什么、做到什么程度、预算多少。",
    "会后请在手机上记下洽谈结果，区市县专员会按约定的日期回访。",
)


def furnish(docking_round: DockingRound, row: dict) -> None:
    """Halls, ways between them and those who hold it: what a round is announced with."""
    halls = [
        Hall.objects.create(docking_round=docking_round, name=name, tables=tables, order=number)
        for number, (name, tables) in enumerate(row["halls"])
    ]
    for one, other, minutes in row["walks"]:
        HallWalk.objects.create(one=halls[one], other=halls[other], minutes=minutes)
    docking_round.organisers.create(name=row["undertaker"])
    for number, name in enumerate(row["co_organisers"], 1):
        docking_round.organisers.create(role=Organiser.Role.CO, name=name, order=number)


def plan_day(docking_round: DockingRound, row: dict, cast: Cast) -> None:
    """Institutions, turns, agenda and a leaflet, of a round that is still to come."""
    ids = {one["institution"] for one in _offers(row["featured"])} | set(row["out_of_city"])
    docking_round.institutions.set(Organisation.objects.filter(pk__in=[cast.organisations[one].pk for one in ids]))
    if row["slots"]:
        words = row["slots"]
        make_slots(
            docking_round,
            day=localdate(docking_round.starts_at),
            begin=time.fromisoformat(words["begin"]),
            end=time.fromisoformat(words["end"]),
            by=cast.city,
            **{name: words[name] for name in ("length", "pause", "breaks")},
        )
    halls = list(docking_round.halls.all())
    for one in row["agenda"]:
        _agenda_item(docking_round, one, halls, cast)
    if row["agenda"]:
        add_document(docking_round, content=_leaflet(docking_round), name="参会须知.docx", by=cast.city, is_public=True)


def _agenda_item(docking_round: DockingRound, one: dict, halls: list[Hall], cast: Cast) -> None:
    day = localdate(docking_round.starts_at)
    pitched = _achievement(one["achievement"], cast) if one["achievement"] else None
    item = AgendaItem(
        docking_round=docking_round,
        kind=one["kind"],
        title=one["title"] or pitched.title,
        hall=halls[one["hall"]] if one["hall"] is not None else None,
        starts_at=_at(day, one["start"]),
        ends_at=_at(day, one["end"]),
        achievement=pitched,
        guests=f"{pitched.lead_person} {pitched.institution.name}" if pitched else one["guests"],
    )
    keep_agenda_item(item, by=cast.city)


def _achievement(row_id: str, cast: Cast) -> Achievement:
    (row,) = _offers([row_id])
    found = Achievement.objects.select_related("institution")
    return found.get(title=row["title"], institution=cast.organisations[row["institution"]])


def _offers(ids: list[str]) -> list[dict]:
    return [one for one in rows("achievements") if one["id"] in ids]


def _at(day: date, clock: str) -> datetime:
    return make_aware(datetime.combine(day, time.fromisoformat(clock)))


def _leaflet(docking_round: DockingRound) -> bytes:
    from docx import Document

    document = Document()
    document.add_heading(f"{docking_round.name}参会须知（演示）", level=1)
    for number, words in enumerate(LEAFLET, 1):
        document.add_paragraph(f"{number}. {words}")
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()
