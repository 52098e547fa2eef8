"""What stands in a completer's monthly letter: numbers of the month, feedback, what to mend, what is due."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Contact, Organisation
from achievements.models import Achievement
from correspondence.feedback import Feedback, feedback_of
from correspondence.models.letter import month_text
from enquiries.models import Approach
from favourites.models import Favourite
from matching.models import Match
from notices.texts.writing import TextWriter, WrittenText
from portfolio.gaps import Gap, completeness_of
from portfolio.models import CompleterConsent, DailyViews
from portfolio.services.consents import consent_fingerprint

KEY = "correspondence.monthly"
DUE_WITHIN = timedelta(days=60)
MOST_ITEMS = 20
"""A letter tells about so many achievements, those with most happenings; it counts the others."""


@dataclass(frozen=True, slots=True)
class ItemMonth:
    """One achievement in one month. expires_on: only if a renewal is due within DUE_WITHIN or has passed."""

    achievement: Achievement
    views: int
    favourites: int
    enquiries: int
    matches: int
    feedback: Feedback | None
    gaps: list[Gap]
    expires_on: date | None

    @property
    def happenings(self) -> int:
        feedback = len(self.feedback.remarks) + len(self.feedback.rejected) if self.feedback else 0
        return self.views + self.favourites + self.enquiries + self.matches + feedback + (self.expires_on is not None)


def month_before(day: date) -> date:
    """The first day of the month before that of `day`."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def recipients_of(institution: Organisation) -> QuerySet[Contact]:
    """Contacts with an address who have consented and are the person in charge or a completer of an achievement."""
    own = Q(achievements__institution=institution, achievements__status__in=Achievement.OFFERED)
    rows = Contact.objects.filter(own, organisation=institution, consented_at__isnull=False, withdrawn_at=None)
    return rows.exclude(email="").select_related("letter_preference").distinct().order_by("pk")


def item_months(contacts: Iterable[Contact], month: date, *, with_feedback: bool) -> dict[int, list[ItemMonth]]:
    """{contact: its own achievements, most happenings first}. A person who withdrew the consent for one is not told."""
    items = (
        Achievement.objects.filter(contact__in=[row.pk for row in contacts], status__in=Achievement.OFFERED)
        .select_related("contact", "institution", "industry")
        .prefetch_related("indicators", "intellectual_property", "completers")
        .order_by("pk")
    )
    own = [item for item in items if _is_own(item)]
    refused = set(
        CompleterConsent.objects.filter(achievement__in=own, revoked_at__isnull=False).values_list(
            "achievement", "fingerprint"
        )
    ) - set(CompleterConsent.objects.given().filter(achievement__in=own).values_list("achievement", "fingerprint"))
    start, end = _bounds(month)
    views, favourites, enquiries, matches = _numbers([item.pk for item in own], month, start, end)
    lists: dict[int, list[ItemMonth]] = {row.pk: [] for row in contacts}
    for item in own:
        if item.contact is None or (item.pk, consent_fingerprint(item, item.contact.name)) in refused:
            continue
        due = item.expires_on
        lists[item.contact.pk].append(
            ItemMonth(
                item,
                views[item.pk],
                favourites[item.pk],
                enquiries[item.pk],
                matches[item.pk],
                feedback_of(item, since=start, until=end) if with_feedback else None,
                completeness_of(item).gaps,
                due if due and due <= timezone.localdate() + DUE_WITHIN else None,
            )
        )
    for rows in lists.values():
        rows.sort(key=lambda row: -row.happenings)
    return lists


def write_letter(
    contact: Contact,
    month: date,
    rows: list[ItemMonth],
    *,
    name: str,
    page: str,
    stop: str,
    writer: TextWriter | None = None,
) -> WrittenText | None:
    """name: of the person, masked on pages. page, stop: links. None if nothing happened."""
    items = [row for row in rows if row.happenings]
    if not items:
        return None
    parts = [
        "\n".join([f"{number}. {row.achievement.title}", *(f"   {line}" for line in item_lines(row))])
        for number, row in enumerate(items[:MOST_ITEMS], start=1)
    ]
    if len(items) > MOST_ITEMS:
        parts.append(f"还有 {len(items) - MOST_ITEMS} 项，请打开您的页面看。")
    values = {
        "姓名": name,
        "月份": month_text(month),
        "平台": settings.SITE["name"],
        "项数": str(len(items)),
        "情况": "\n\n".join(parts),
        "页面链接": page,
        "停收链接": stop,
        "院校": str(contact.organisation),
    }
    return (writer or TextWriter(KEY)).write(values)


def item_lines(row: ItemMonth) -> list[str]:
    """Sentences about one achievement."""
    lines = [f"浏览 {row.views}，收藏 {row.favourites}，询问 {row.enquiries}，新采纳的匹配 {row.matches}。"]
    if row.feedback:
        lines += [f"{remark.source}：{remark.text}" for remark in row.feedback.remarks]
        lines += [f"多家企业{text}" for text in row.feedback.shared]
        if row.feedback.rejected:
            lines.append(f"区县没有采纳匹配的原因：{'、'.join(row.feedback.rejected)}")
    if row.gaps:
        lines.append(f"最该补的：{'；'.join(gap.label for gap in row.gaps)}。")
    if due := row.expires_on:
        day = f"{due.year} 年 {due.month} 月 {due.day} 日"
        passed = due < timezone.localdate()
        lines.append(f"有效期已在 {day}过去，请尽快续期。" if passed else f"有效期到 {day}，请在这之前续期。")
    return lines


def _is_own(item: Achievement) -> bool:
    """Whether the contact is the person in charge or a completer, not an officer who answers for all."""
    names = {item.lead_person, *(row.name for row in item.completers.all())}
    return item.contact is not None and item.contact.name in names


def _bounds(month: date) -> tuple[datetime, datetime]:
    """The first moments of the month and of the next one."""
    following = (month + timedelta(days=32)).replace(day=1)
    start, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (month, following))
    return start, end


def _numbers(keys: list[int], month: date, start: datetime, end: datetime) -> tuple[Counter[int], ...]:
    """Views, favourites, enquiries and accepted matches of each achievement. Four queries."""
    views = DailyViews.objects.filter(achievement__in=keys, day__gte=month, day__lt=timezone.localdate(end))
    favourites = Favourite.objects.filter(achievement__in=keys, made_at__gte=start, made_at__lt=end)
    enquiries = Approach.objects.enquiries().filter(achievement__in=keys, sent_at__gte=start, sent_at__lt=end)
    matches = Match.objects.accepted().filter(achievement__in=keys, reviewed_at__gte=start, reviewed_at__lt=end)
    viewed = Counter(dict(views.order_by().values_list("achievement").annotate(number=Sum("number"))))
    counted: list[QuerySet[Any]] = [favourites, enquiries, matches]
    return (
        viewed,
        *(Counter(dict(rows.order_by().values_list("achievement").annotate(number=Count("pk")))) for rows in counted),
    )
