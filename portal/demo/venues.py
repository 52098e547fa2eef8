"""Load halls, organisers, slots, agenda and documents of a demo round."""

import io
from datetime import date, datetime, time

from django.utils.timezone import localdate, make_aware

from accounts.models import Organisation
from achievements.models import Achievement
from portal.demo.dataset import rows
from portal.demo.people import DemoContext
from rounds.models import AgendaItem, DockingRound, Hall, HallWalk, Organiser
from rounds.services.agenda import save_agenda_item
from rounds.services.documents import add_document
from rounds.services.venue import make_slots

LEAFLET = (
    "请提前十五分钟到场，凭邀请码或姓名在签到台领取参会证。",
    "洽谈按排好的时段进行，每场二十五分钟，请按时换桌；临时有事请告诉签到台，空出的桌会让给别的单位。",
    "带上样品、检测报告和合作方案，一页纸说清楚要解决什么、做到什么程度、预算多少。",
    "会后请在手机上记下洽谈结果，区市县专员会按约定的日期回访。",
)


def create_venues(docking_round: DockingRound, row: dict) -> None:
    """Create the halls with their walking times, and the organisers."""
    halls = [
        Hall.objects.create(docking_round=docking_round, name=name, tables=tables, order=number)
        for number, (name, tables) in enumerate(row["halls"])
    ]
    for hall, other, minutes in row["walks"]:
        HallWalk.objects.create(hall=halls[hall], other_hall=halls[other], minutes=minutes)
    docking_round.organisers.create(name=row["undertaker"])
    for number, name in enumerate(row["co_organisers"], 1):
        docking_round.organisers.create(role=Organiser.Role.CO, name=name, order=number)


def load_agenda(docking_round: DockingRound, row: dict, demo: DemoContext) -> None:
    """Set institutions, slots, agenda and a leaflet."""
    ids = {achievement["institution"] for achievement in _achievement_rows(row["featured"])} | set(row["out_of_city"])
    docking_round.institutions.set(Organisation.objects.filter(pk__in=[demo.organisations[key].pk for key in ids]))
    if row["slots"]:
        slots = row["slots"]
        make_slots(
            docking_round,
            day=localdate(docking_round.starts_at),
            begin=time.fromisoformat(slots["begin"]),
            end=time.fromisoformat(slots["end"]),
            by=demo.city,
            **{name: slots[name] for name in ("length", "pause", "breaks")},
        )
    halls = list(docking_round.halls.all())
    for item in row["agenda"]:
        _load_agenda_item(docking_round, item, halls, demo)
    if row["agenda"]:
        add_document(docking_round, content=_leaflet(docking_round), name="参会须知.docx", by=demo.city, is_public=True)


def _load_agenda_item(docking_round: DockingRound, row: dict, halls: list[Hall], demo: DemoContext) -> None:
    day = localdate(docking_round.starts_at)
    achievement = _achievement(row["achievement"], demo) if row["achievement"] else None
    item = AgendaItem(
        docking_round=docking_round,
        kind=row["kind"],
        title=row["title"] or achievement.title,
        hall=halls[row["hall"]] if row["hall"] is not None else None,
        starts_at=_at(day, row["start"]),
        ends_at=_at(day, row["end"]),
        achievement=achievement,
        guests=f"{achievement.lead_person} {achievement.institution.name}" if achievement else row["guests"],
    )
    save_agenda_item(item, by=demo.city)


def _achievement(row_id: str, demo: DemoContext) -> Achievement:
    (row,) = _achievement_rows([row_id])
    achievements = Achievement.objects.select_related("institution")
    return achievements.get(title=row["title"], institution=demo.organisations[row["institution"]])


def _achievement_rows(ids: list[str]) -> list[dict]:
    return [row for row in rows("achievements") if row["id"] in ids]


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
