"""An institution's office at work: colleges, views, patent fees, a bulk edit, a renewal campaign with open answers."""

from datetime import timedelta
from zlib import crc32

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from audit.revisions import json_values
from portal.demo.people import DemoContext
from portfolio.counts import WEEKS, first_week
from portfolio.models import DailyViews, PatentStatus, RenewalAnswer, RenewalCampaign
from portfolio.services.bulk_edits import edit_many
from portfolio.services.consents import give_consent
from portfolio.services.patents import note_patent, patent_numbers
from portfolio.services.renewals import accept_valid, answer, start_campaign

OFFICE = "dut"
COLLEGES = {
    "materials": "材料科学与工程学院",
    "petrochemical": "化工学院",
    "equipment": "机械工程学院",
    "marine": "船舶工程学院",
}
OTHER_COLLEGES = ("机械工程学院", "控制科学与工程学院", "环境学院", "软件学院")
ASKED, VIEWED = 6, 60
FEE_DAYS = (-6, 12, 45, 200)


def load_portfolio(demo: DemoContext) -> None:
    """Runs once."""
    if RenewalCampaign.objects.exists():
        return
    officer = demo.people[OFFICE]
    own = Achievement.objects.filter(institution__in=officer.scope.institution_ids).order_by("pk")
    _write_colleges(own)
    offered = list(own.filter(status__in=Achievement.OFFERED).prefetch_related("intellectual_property")[:VIEWED])
    _count_views(offered)
    _note_patents(offered, officer)
    edit_many(offered[ASKED : ASKED + 3], {"pay_later": True}, by=officer)
    _ask(offered[:ASKED], officer)


def _write_colleges(own: QuerySet[Achievement]) -> None:
    """Written directly: the sheets of the demo name no colleges."""
    for slug, name in COLLEGES.items():
        own.filter(industry__slug=slug).update(college=name)
    for number, name in enumerate(OTHER_COLLEGES):
        rest = list(own.filter(college="").values_list("pk", flat=True)[number :: len(OTHER_COLLEGES)])
        Achievement.objects.filter(pk__in=rest[: len(rest) * 3 // 4]).update(college=name)


def _count_views(items: list[Achievement]) -> None:
    """Numbers from the public id, so that each load shows the same trend."""
    since, today = first_week(), timezone.localdate()
    DailyViews.objects.bulk_create(
        DailyViews(achievement=item, day=day, number=1 + crc32(f"{item.title}{week}".encode()) % (3 + week))
        for item in items
        for week in range(WEEKS)
        if (day := since + timedelta(weeks=week)) <= today and crc32(f"{item.title} {week}".encode()) % 3
    )


def _note_patents(items: list[Achievement], officer: User) -> None:
    with_numbers = [(item, numbers[0]) for item in items if (numbers := patent_numbers(item))]
    today = timezone.localdate()
    for (item, number), days in zip(with_numbers, FEE_DAYS, strict=False):
        state = PatentStatus.State.UNPAID if days < 0 else PatentStatus.State.GRANTED
        note_patent(item, number, state=state, fee_due_on=today + timedelta(days=days), by=officer)


def _ask(items: list[Achievement], officer: User) -> None:
    """Of six, one was renewed; of the others one says 仍有效, one has corrections, one has ended, two wait."""
    today = timezone.localdate()
    campaign = start_campaign(
        items,
        audience=RenewalCampaign.Audience.LEADS,
        closes_on=today + timedelta(days=12),
        note="年底要向市里报转化情况，麻烦您核对。",
        by=officer,
    )
    rows = list(RenewalAnswer.objects.filter(request__campaign=campaign).select_related("request", "achievement"))
    done, valid, corrected, ended = rows[:4]
    for row in (done, valid):
        answer(row, RenewalAnswer.Status.VALID, request=row.request)
        give_consent(row.achievement, row.achievement.lead_person, by=None)
    accept_valid([done], by=officer)
    item = corrected.achievement
    changed = Achievement(
        summary=f"{item.summary}今年又在两家企业连续运行六个月，指标没有变化。",
        wanted_partner="有意做中试放大的本地企业",
        price_min_wan=item.price_min_wan,
    )
    after = json_values(changed, ["summary", "wanted_partner"])
    answer(corrected, RenewalAnswer.Status.CORRECTED, request=corrected.request, after=after)
    answer(ended, RenewalAnswer.Status.ENDED, request=ended.request, note="专利已经转让给外地企业")
