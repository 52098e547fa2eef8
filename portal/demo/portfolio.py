"""An institution's office at work: colleges, views, patent fees, a bulk edit, renewals, delegations, pictures."""

from datetime import timedelta
from io import BytesIO
from zlib import crc32

from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.utils import timezone
from PIL import Image

from accounts.models import Organisation, User
from achievements.models import Achievement
from achievements.services.revisions import pending_revision
from audit.revisions import json_values, version_of
from members.services.delegating import start_delegation
from members.services.invitations import accept_with_account
from portal.demo.people import DemoContext
from portfolio.counts import WEEKS, first_week
from portfolio.delegated_items import give_items
from portfolio.models import DailyViews, PatentStatus, RenewalAnswer, RenewalCampaign
from portfolio.services.bulk_edits import edit_many
from portfolio.services.consents import give_consent
from portfolio.services.item_proposals import accept_proposal, decline_proposal, propose
from portfolio.services.patents import note_patent, patent_numbers
from portfolio.services.pictures import add_pictures, describe_pictures, make_sizes
from portfolio.services.renewals import accept_valid, answer, start_campaign
from portfolio.services.videos import add_video

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
    _delegate(offered[ASKED:], officer)
    _show(offered[0], officer)


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


def _delegate(items: list[Achievement], officer: User) -> None:
    """A college office and a completer take part: one proposal waits, one was accepted in part, one was declined."""
    institution = items[0].institution
    college, *_rest = (row.college for row in items if row.college)
    office = _accepted(institution, "college", "章若谷", officer, college=college)
    completer = _accepted(institution, "completer", "云知夏", officer)
    own = items[1:4]
    give_items(completer.delegations.get(), own, by=officer)
    start_delegation(institution, kind="completer", email="waiting@example.cn", by=officer)
    first = next(row for row in items if row.college == college)
    propose(first, {"scenario": f"{first.scenario}也可用于海上平台。"}, note="今年新增的用户", by=office)
    after = {"wanted_partner": "有意做中试放大的本地企业", "economics": "每吨产品省电约 40 度。"}
    proposal = propose(own[0], after, by=completer)
    seen = version_of(own[0], pending_revision(own[0]))
    accept_proposal(proposal, ["wanted_partner"], by=officer, seen=seen)
    declined = propose(own[1], {"scenario": "所有行业。"}, by=completer)
    decline_proposal(declined, by=officer, reason="场景请写具体的用户和工序")


def _accepted(institution: Organisation, kind: str, name: str, officer: User, *, college: str = "") -> User:
    """An invited person who has an account that nobody can log in to."""
    address = f"{kind}@example.cn"
    new = start_delegation(institution, kind=kind, college=college, email=address, by=officer)
    user = User.objects.create(username=f"demo-{kind}", name=name, email=address, password=make_password(None))
    accept_with_account(new.invitation, by=user)
    return user


def _show(item: Achievement, officer: User) -> None:
    """Two drawn pictures, with captions, and a link to a film."""
    uploads = []
    for number, colour in enumerate(((24, 86, 130), (60, 120, 90)), start=1):
        image = Image.new("RGB", (960, 640), (236, 240, 243))
        for at in range(0, 960, 120):
            image.paste(colour, (at + 20, 640 - 80 * number - at // 3, at + 100, 640))
        buffer = BytesIO()
        image.save(buffer, "PNG")
        uploads.append(SimpleUploadedFile(f"示意图{number}.png", buffer.getvalue()))
    add_pictures(item, uploads, by=officer)
    rows = list(item.pictures.all())
    texts = ("各工况下的运行时长（示意）", "两种工艺的能耗比较（示意）")
    captions = {row.public_id: (text, f"柱状图：{text}") for row, text in zip(rows, texts, strict=True)}
    describe_pictures(item, captions, by=officer)
    for row in rows:
        make_sizes(row.pk)
    add_video(item, title="试验线运行", link="https://www.bilibili.com/video/BV1demo", by=officer)
