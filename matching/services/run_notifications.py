"""Notices about what runs propose: to the districts that review it, and to firms whose needs have been matched."""

from collections import Counter, defaultdict
from datetime import datetime, time

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from demands.models import Demand
from matching.models import Match, MatchedDemand, MatchRun
from notices.models import NoticeKind
from notices.recipients import district_officers, officers_of
from notices.services import notify, notify_or_renew
from notices.services.notifications import NoticeDraft
from notices.texts.writing import TextWriter


def notify_new_proposals(run: MatchRun) -> None:
    """Tell the officers of each district how many new proposals wait for them, and firms that their needs were matched.

    After a batch, one notice for each district. Of immediate runs, one notice a day for each district and each firm,
    which counts what has come together.
    """
    if run.is_immediate:
        notify_or_renew([*_district_notices_of_today(), *_firm_notices_of_today(run)])
        return
    new = Match.objects.filter(first_run=run).awaiting_review()
    numbers = Counter(new.order_by().values_list("demand__firm__stat_region_id", flat=True))
    officers = district_officers([region for region in numbers if region])
    path = reverse("admin:matching_triage_needs")
    about = run_about(run.pk)
    notify(
        NoticeDraft(
            person,
            NoticeKind.PROPOSALS,
            "“%(run)s”有 %(count)s 条新推荐等您审核。" % {"run": run.title, "count": numbers[region]},
            path,
            about,
            f"{about} {region}",
        )
        for region, people in officers.items()
        for person in people
    )


def run_about(run_id: int) -> str:
    """Key under which the notices of a run are grouped."""
    return f"run {run_id}"


def _district_notices_of_today() -> list[NoticeDraft]:
    new = Match.objects.awaiting_review().filter(
        first_run__kind=MatchRun.Kind.IMMEDIATE, created_at__gte=_start_of_today()
    )
    rows = new.order_by().values("demand__firm__stat_region").annotate(
        count=Count("pk"), demands=Count("demand", distinct=True), sure=Count("pk", filter=Q(level=Match.Level.HIGH))
    )  # fmt: skip
    numbers = {row["demand__firm__stat_region"]: row for row in rows if row["demand__firm__stat_region"]}
    about = f"immediate {timezone.localdate().isoformat()}"
    drafts = []
    for region, people in district_officers(list(numbers)).items():
        shown = numbers[region]
        sure = "，其中级别“高” %(sure)s 条" % shown if shown["sure"] else ""
        text = "今天新发布的需求和成果带来 %(count)s 条新推荐，涉及 %(demands)s 项需求" % shown
        drafts += [
            NoticeDraft(
                person,
                NoticeKind.PROPOSALS,
                f"{text}{sure}，请审核。",
                reverse("admin:matching_triage_needs"),
                about,
                f"{about} district {region}",
            )
            for person in people
        ]
    return drafts


def _firm_notices_of_today(run: MatchRun) -> list[NoticeDraft]:
    """For the firms whose own new or changed needs this run has read."""
    firms = set(MatchedDemand.objects.filter(run=run).values_list("item__firm", flat=True))
    if not firms:
        return []
    today = MatchedDemand.objects.filter(run__kind=MatchRun.Kind.IMMEDIATE, run__queued_at__gte=_start_of_today())
    waiting = Count("matches", filter=Q(matches__in=Match.objects.awaiting_review().values("pk")))
    demands = Demand.objects.filter(firm__in=firms, pk__in=today.values("item")).annotate(waiting=waiting)
    counts: dict[int, list[int]] = defaultdict(list)
    for firm_id, number in demands.order_by().values_list("firm", "waiting"):
        counts[firm_id].append(number)
    about = f"immediate {timezone.localdate().isoformat()}"
    some, nothing = TextWriter("matching.matched_today"), TextWriter("matching.matched_nothing")
    texts = {firm: _firm_text(some if any(counts[firm]) else nothing, counts[firm]) for firm in firms}
    return [
        NoticeDraft(
            person,
            NoticeKind.PROPOSALS,
            texts[firm_id],
            reverse("my_demands"),
            about,
            f"{about} firm {firm_id}",
        )
        for firm_id, people in officers_of(firms, Role.FIRM).items()
        for person in people
    ]


def _firm_text(writer: TextWriter, waiting: list[int]) -> str:
    """`waiting`: for each need of the firm that was matched today, how many candidates the district looks at."""
    return writer.sentence({"项数": str(len(waiting)), "条数": str(sum(waiting))})


def _start_of_today() -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
