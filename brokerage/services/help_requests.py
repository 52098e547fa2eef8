"""帮我找: ask, accept, decline, withdraw, lead to a mandate, finish. The clock of enquiries, in working days."""

from collections.abc import Callable, Collection
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from audit.services import record
from audit.transitions import constraint_message, transition
from brokerage.models import HelpRequest
from brokerage.models.help_request import MAX_TEXT
from brokerage.services import request_notices
from brokers.models import Agency, Broker
from core.plain_text import clean_reason, clean_required_text
from core.public_text import personal_data_message, personal_finds
from core.workdays import add_workdays
from demands.models import Demand
from mandates.models import Mandate
from mandates.permissions import represents_agent, represents_client
from mandates.services.mandates import propose_mandate

Status = HelpRequest.Status
MOST_OPEN = 5
"""Unanswered requests of one organisation."""
MOST_A_DAY = 10


@transaction.atomic
def ask_for_help(
    *,
    asker: Organisation,
    text: str,
    by: User,
    agent: Broker | Agency | None = None,
    demand: Demand | None = None,
    achievement: Achievement | None = None,
) -> HelpRequest:
    """Ask one broker or agency, or without `agent` any broker. `demand` and `achievement` belong to the asker.

    Raises PermissionDenied unless `by` is an officer of the asker, ValidationError for a text with personal data, for a
    foreign record, for an agent that takes no requests, or beyond the limits.
    """
    if not represents_client(asker, by):
        raise PermissionDenied("“帮我找”由企业或院所的专员提出。")
    text = clean_required_text(text, "请写下想请帮什么忙。", MAX_TEXT, name="内容")
    if finds := personal_finds(text):
        raise ValidationError({"text": personal_data_message(finds)})
    if (demand and demand.firm_id != asker.pk) or (achievement and achievement.institution_id != asker.pk):
        raise ValidationError("只能为本单位的需求或成果请人帮忙。")
    if agent is None:
        _check_readable_by_all(asker, text, demand, achievement)
    _check_takes_requests(agent)
    Organisation.objects.select_for_update(no_key=True).get(pk=asker.pk)
    own = HelpRequest.objects.filter(asker=asker)
    if own.awaiting_answer().count() >= MOST_OPEN:
        raise ValidationError("已有 %(most)d 条在等答复，请先等答复或撤回不需要的。" % {"most": MOST_OPEN})
    if own.filter(asked_at__gte=timezone.now() - timedelta(days=1)).count() >= MOST_A_DAY:
        raise ValidationError("24 小时内已提出 %(most)d 条，请明天再提。" % {"most": MOST_A_DAY})
    request = HelpRequest(
        asker=asker,
        demand=demand,
        achievement=achievement,
        broker=agent if isinstance(agent, Broker) else None,
        agency=agent if isinstance(agent, Agency) else None,
        text=text,
        asked_by_user=by,
        answer_due_on=add_workdays(timezone.localdate(), settings.APPROACH_ANSWER_WORKDAYS),
    )
    request.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, HelpRequest)) from None
    record("请经纪人帮忙", request, by=by, changes={"broker": [None, request.addressee]})
    request_notices.notify_asked(request)
    return request


@transaction.atomic
def accept_help(request: HelpRequest, *, by: User) -> None:
    """The broker takes it; of several who are asked the first one. Raises PermissionDenied, ValidationError."""
    broker = Broker.objects.certified().filter(user=by.pk).first() if by.scope.is_broker else None
    if broker is None or not may_answer(request, by):
        raise PermissionDenied("只有被请的、证书有效的技术经纪人可以接受。")
    if request.asker_id in by.scope.organisation_ids:
        raise PermissionDenied("这是您自己单位提出的。")
    transition(
        request,
        when={"status": Status.SENT},
        values={"status": Status.TAKEN, "taken_by": broker, "answered_at": timezone.now(), "answered_by": by},
        refusal="这一条已经有人接受，或已撤回。",
        action="接受帮忙",
        by=by,
        changes={"status": [Status.SENT, Status.TAKEN], "broker": [None, broker.name]},
    )
    request_notices.notify_taken(request)


@transaction.atomic
def decline_help(request: HelpRequest, *, by: User, reason: str) -> None:
    """The broker or agency that was chosen declines, with a reason that the asker reads."""
    if request.is_to_any or not may_answer(request, by):
        raise PermissionDenied("只有被请的技术经纪人或机构可以谢绝。")
    reason = clean_reason(reason, "近期没有时间，建议另请一位")
    transition(
        request,
        when={"status": Status.SENT},
        values={"status": Status.DECLINED, "reason": reason, "answered_at": timezone.now(), "answered_by": by},
        refusal="这一条已经答复过，或已撤回。",
        action="谢绝帮忙",
        by=by,
        changes={"status": [Status.SENT, Status.DECLINED], "reason": [None, reason]},
    )
    request_notices.notify_declined(request)


@transaction.atomic
def withdraw_help(request: HelpRequest, *, by: User) -> None:
    """The asker takes it back while nobody has answered."""
    if not represents_client(request.asker, by):
        raise PermissionDenied("只有提出的单位可以撤回。")
    transition(
        request,
        when={"status": Status.SENT},
        values={"status": Status.WITHDRAWN},
        refusal="这一条已经答复过，不能撤回。",
        action="撤回请求",
        by=by,
        changes={"status": [Status.SENT, Status.WITHDRAWN]},
    )
    request_notices.settle(request)


@transaction.atomic
def propose_from_request(
    request: HelpRequest, *, rights: Collection[str], ends_on: date, by: User, for_agency: bool = False
) -> Mandate:
    """The broker who took it asks for the mandate; the asker confirms it on the page of the mandate."""
    broker = request.taken_by
    if broker is None or broker.user_id != by.pk:
        raise PermissionDenied("由接受的技术经纪人提出委托。")
    if request.mandate is not None and request.mandate.status in Mandate.OPEN and not request.mandate.is_expired:
        raise ValidationError("已经提出过委托，请在那一份里继续。")
    agent: Broker | Agency = broker.agency if for_agency and broker.agency else broker
    if not represents_agent(agent, by):
        raise PermissionDenied("您不能代表这家机构。")
    purpose = f"{request}：{request.text}"[:500]
    mandate = propose_mandate(client=request.asker, agent=agent, rights=rights, purpose=purpose, ends_on=ends_on, by=by)
    HelpRequest.objects.filter(pk=request.pk).update(mandate=mandate)
    record("提出委托", request, by=by, changes={"mandate": [None, f"受{request.asker}委托"]})
    request.refresh_from_db()
    return mandate


@transaction.atomic
def finish_help(request: HelpRequest, *, by: User, reason: str) -> None:
    """已办结: by the broker who took it or by the asker, in words that the other reads. A mandate from it ends first.

    Raises PermissionDenied, ValidationError.
    """
    is_asker = represents_client(request.asker, by)
    if not (is_asker or is_taker(request, by)):
        raise PermissionDenied("由接受的技术经纪人或提出的单位办结。")
    reason = clean_reason(reason, "已联系到两家院所，企业自己继续谈")
    if request.mandate is not None and request.mandate.status in Mandate.OPEN and not request.mandate.is_expired:
        raise ValidationError(f"由它产生的委托还是“{request.mandate.state_label}”，请先在委托页终止或撤回，再办结。")
    transition(
        request,
        when={"status": Status.TAKEN},
        values={"status": Status.FINISHED, "reason": reason},
        refusal=lambda row: f"这一条现在是“{row.get_status_display()}”，不能办结。",
        action="办结帮忙",
        by=by,
        changes={"status": [Status.TAKEN, Status.FINISHED], "reason": [None, reason]},
    )
    request_notices.notify_finished(request, by_asker=is_asker)


def is_taker(request: HelpRequest, by: User) -> bool:
    return request.taken_by is not None and request.taken_by.user_id == by.pk


def may_answer(request: HelpRequest, by: User) -> bool:
    """Whether the request was sent to the user, to the user's agency, or to any broker."""
    if not by.scope.is_broker:
        return False
    if request.broker is not None:
        return request.broker.user_id == by.pk
    return request.agency is None or request.agency.organisation_id in by.scope.agency_ids


def run_clock() -> int:
    """Remind who is asked, then tell the district, each once for each request. Returns the number of steps."""
    today = timezone.localdate()
    soon = add_workdays(today, settings.APPROACH_REMIND_WORKDAYS)
    waiting = HelpRequest.objects.awaiting_answer().with_rows()
    steps = 0
    for request in waiting.filter(reminded_at=None, answer_due_on__lte=soon):
        steps += _once(request, "reminded_at", request_notices.notify_reminder)
    for request in waiting.filter(district_told_at=None, answer_due_on__lt=today):
        steps += _once(request, "district_told_at", request_notices.notify_district)
    return steps


def _once(request: HelpRequest, field: str, notify: Callable[[HelpRequest], None]) -> int:
    """Set the time of the step if it is not set, and notify; another worker may be doing the same."""
    with transaction.atomic():
        waiting = HelpRequest.objects.filter(pk=request.pk, status=Status.SENT, **{f"{field}__isnull": True})
        if not waiting.update(**{field: timezone.now()}):
            return 0
        notify(request)
    return 1


def _check_readable_by_all(
    asker: Organisation, text: str, demand: Demand | None, achievement: Achievement | None
) -> None:
    """What every broker of the platform reads may not say more than is public."""
    if any(name and name in text for name in (asker.name, asker.short_name)):
        raise ValidationError({"text": "请任何经纪人帮忙时先不写单位名称；有人接受后，对方就能看到。"})
    if demand and not Demand.objects.published().filter(pk=demand.pk).exists():
        raise ValidationError({"demand": "这项需求还没有公开。请先发布，或者请一位选定的经纪人。"})
    if achievement and not Achievement.objects.published().filter(pk=achievement.pk).exists():
        raise ValidationError({"achievement": "这项成果还没有公开。请选已公开的成果，或者请一位选定的经纪人。"})


def _check_takes_requests(agent: Broker | Agency | None) -> None:
    if agent is None:
        if not Broker.objects.certified().filter(user__isnull=False).exists():
            raise ValidationError("平台上现在没有可以接单的技术经纪人，请联系所在区市县。")
        return
    profile = getattr(agent, "profile", None)
    if profile is not None and not profile.takes_requests:
        raise ValidationError("“%(agent)s”现在不接新的请求，请另选一位，或请任何一位。" % {"agent": agent})
    is_listed = (
        Broker.objects.certified().filter(pk=agent.pk, user__isnull=False)
        if isinstance(agent, Broker)
        else Agency.objects.listed().filter(pk=agent.pk)
    )
    if not is_listed.exists():
        raise ValidationError("“%(agent)s”现在不能在平台上接受请求，请另选一位。" % {"agent": agent})
