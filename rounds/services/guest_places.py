"""Places of a round: how many guests of a side may come, who waits for one, and what happens when one becomes free."""

import logging
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.services import record
from notices.texts.writing import TextWriter
from rounds.models import DockingRound, GuestTerms, LateAnswer, Party
from rounds.services.answer_messages import answer_text, send_answer_texts
from rounds.services.invitation_replies import reply_of
from rounds.services.late_answers import propose_answer
from rounds.services.replanning import NoShow, replan

log = logging.getLogger(__name__)
Answer = Party.Answer


def most_guests(docking_round: DockingRound, side: str) -> int | None:
    """How many guests of this side may come; None for no limit."""
    terms = GuestTerms.objects.filter(docking_round=docking_round).first()
    if terms is None:
        return None
    return terms.most_firms if side == Party.Side.FIRM else terms.most_teams


def has_place(party: Party) -> bool:
    """Whether one more guest of this side may come, and nobody waits for the place longer."""
    most = most_guests(party.docking_round, party.side)
    if most is None:
        return True
    side = party.docking_round.parties.filter(side=party.side).exclude(pk=party.pk)
    return side.coming().count() < most and not side.waiting().exists()


def free_place(party: Party, *, by: User | None, is_planned: bool) -> None:
    """A guest that wanted to come does not: its talks are freed as on the day, and the first one waiting moves up."""
    if is_planned:
        transaction.on_commit(partial(_mend_plan, party.pk), robust=True)
    promote_waiting(party.docking_round, party.side, by=by, is_planned=is_planned)


def promote_waiting(docking_round: DockingRound, side: str, *, by: User | None, is_planned: bool) -> list[Party]:
    """候补 → 参加 for as many as there are places, in the order of their answers; each is told. With a published
    timetable each becomes a proposal to the planner instead. Returns them."""
    most = most_guests(docking_round, side)
    parties = docking_round.parties.filter(side=side)
    waiting = parties.waiting().select_related("organisation", "docking_round").select_for_update(of=("self",))
    waiting = waiting.exclude(late_answers__status=LateAnswer.Status.OPEN)
    count = waiting.count() if most is None else most - parties.coming().count()
    chosen = list(waiting[: max(0, count)])
    for party in chosen:
        if is_planned:
            propose_answer(party, reply_of(party), by=None, kind=LateAnswer.Kind.PROMOTION)
            continue
        Party.objects.filter(pk=party.pk, answer=Answer.WAITING).update(
            answer=Answer.COMING, revision=F("revision") + 1, answered_at=timezone.now()
        )
        record("候补转为参加", party, by=by, changes={"answer": [Answer.WAITING, Answer.COMING]})
    if chosen and not is_planned:
        _tell_promoted(chosen, by)
    return chosen


def _tell_promoted(parties: list[Party], by: User | None) -> None:
    writer = TextWriter("rounds.promoted")
    texts = {party: answer_text(writer, party, topic="place", version=party.revision) for party in parties}
    send_answer_texts(texts, by=by)


def _mend_plan(party_id: int) -> None:
    """A draft without the talks of the guest, as for one that is absent on the day. The answer stands in any case: a
    plan that cannot be mended shows the guest as not coming."""
    party = Party.objects.select_related("docking_round", "organisation").get(pk=party_id)
    try:
        replan(party.docking_round, NoShow(party), by=None)
    except ValidationError as error:
        log.warning("round %s: no draft without party %s: %s", party.docking_round_id, party.pk, len(error.messages))
