"""Obstacles, measures of bureaus, results of trials and published evaluations: rows of both sides, and who gets what.

The bureau of the walk leads the own side's measure and has to answer the own side's obstacle.
"""

from dataclasses import replace
from datetime import date, timedelta

from django.utils import timezone

from mechanism.models import VALUES, BaseRequest, Evaluation, Expert, Measure, Obstacle, ObstacleKind
from mechanism.services.bureau_reports import ReportFile, submit_report
from mechanism.services.trials import TrialValues, add_trial_file, record_result
from tests import factories as make
from tests.achievements import uploads


def plant(world, side, *, mine: bool) -> None:
    tag, city = ("甲" if mine else "乙"), world.users["city"]
    office = make.organisation("bureau", "市财政局" if mine else "市教育局")
    firm = ("firm", "district", "bureau") if mine else ()
    side.obstacle_kind = ObstacleKind.objects.create(name=f"类别{tag}")
    side.obstacle = Obstacle.objects.create(
        kind=side.obstacle_kind,
        organisation=side.firm,
        text=world.secret(f"卡在备案{tag}", *firm, "city", "auditor"),
        raised_by=make.firm_officer(side.firm),
        status=Obstacle.Status.ASSIGNED,
        solver=office,
        assigned_at=timezone.now(),
        due_on=timezone.localdate() + timedelta(days=7),
    )
    if mine:  # the bureau that solves it learns who met it
        names = {side.firm.name, f"藏龙{tag}虎"}
        world.secrets = [
            replace(secret, known_to=secret.known_to | {"bureau"}) if secret.words in names else secret
            for secret in world.secrets
        ]
    own = ("bureau",) if mine else ()
    side.bureau_measure = Measure.objects.create(
        task=side.task, title=world.secret(f"部门举措{tag}", *own, "city", "auditor"), organisation=office
    )
    words = world.secret(f"部门佐证{tag}", *own, "city", "auditor").encode()
    reporter = world.users["bureau"] if mine else make.bureau_officer(office)
    report = submit_report(
        side.bureau_measure,
        text=world.secret(f"部门进展{tag}", *own, "city", "auditor"),
        files=[ReportFile("部门佐证.pdf", uploads.PDF + words)],
        by=reporter,
    )
    side.bureau_evidence = report.evidence.get()
    asker = ("office", "broker") if mine else ()
    side.trial_request = BaseRequest.objects.create(
        base=side.base,
        organisation=side.institution,
        achievement=side.offered,
        what=world.secret(f"中试的配方{tag}", *asker, "city", "auditor"),
        asked_by=side.user,
        status="accepted",
        answered_by=city,
        answered_at=timezone.now(),
    )
    values = TrialValues("reached", timezone.localdate(), world.secret(f"中试数据{tag}", *asker, "city", "auditor"))
    result = record_result(side.trial_request, values, by=side.user)
    words = world.secret(f"检测报告{tag}", *asker, "city", "auditor").encode()
    side.trial_file = add_trial_file(result, content=uploads.PDF + words, name="检测.pdf", by=side.user)
    side.finished_evaluation = _finished_evaluation(world, side, tag, mine=mine)


def _finished_evaluation(world, side, tag: str, *, mine: bool) -> Evaluation:
    known = ("office",) if mine else ()
    evaluation = Evaluation.objects.create(
        achievement=side.offered,
        due_on=date(2026, 9, 1),
        status="finished",
        finished_at=timezone.now(),
        conclusion=world.secret(f"评价结论{tag}", *known, "city", "auditor"),
        opened_by=world.users["city"],
        **{f"{value}_weight": 20 for value in VALUES},
    )
    for number in range(3):
        expert = Expert.objects.create(name=f"评审{tag}{number}", unit=f"外地研究院{tag}{number}")
        marks = dict.fromkeys(VALUES, 92) | {"reasons": dict.fromkeys(VALUES, "依据充分")}
        evaluation.opinions.create(expert=expert, status="marked", answered_at=timezone.now(), **marks)
    return evaluation


DESKS = {"mechanism.obstaclekind": ("", "vac", "v", "")}
ALL_IN = "login 200 200 200 200 200 200 200 200 200"
POSTED = "login 405 405 405 405 405 405 405 405 405"
STEP = "workbench/obstacles/<public_id:public_id>/step/"
PAGES = {
    "obstacles/": {"GET": "200", "POST": "405"},
    "workbench/obstacles/": {"GET": ALL_IN, "POST": POSTED},
    "workbench/obstacles/new/": {
        "GET": "login 403 200 200 200 200 200 403 403 200",
        "data": lambda world, kind: {
            "kind": world.own.obstacle_kind.pk,
            "text": "备案要两个月",
            "organisation": world.own.firm.public_id,
        },
        "POST": "login 403 422 away! 422 422 422 403 403 422",  # nobody for another's firm
    },
    "workbench/obstacles/<public_id:public_id>/": {
        "about": "obstacle",
        "GET own": "login 404 404 200 200 200 404 200 404 200",
        "GET foreign": "login 404 404 404 404 200 404 200 404 404",
        "POST": POSTED,
    },
    STEP: {
        "about": "obstacle",
        "GET": POSTED,
        "data": lambda world, kind: {"step": "answer", "answer-answer": "按细则办理"},
        "POST own": "login 404 404 403 403 403 404 403 404 away!",  # only the office to which it was given
        "POST foreign": "login 404 404 404 404 403 404 403 404 404",
    },
    "workbench/measures/": {"GET": ALL_IN, "POST": POSTED},
    "workbench/measures/<public_id:public_id>/": {
        "about": "bureau measure",
        "GET own": "login 404 404 404 404 404 404 404 404 200",  # the staff have their page in the admin
        "GET foreign": "login 404 404 404 404 404 404 404 404 404",
        "POST": POSTED,
    },
    "workbench/measures/<public_id:public_id>/report/": {
        "about": "bureau measure",
        "GET": POSTED,
        "data": lambda world, kind: {"text": "细则已会签"},
        "POST own": "login 404 404 404 404 404 404 404 404 422",  # the last report waits for the city
        "POST foreign": "login 404 404 404 404 404 404 404 404 404",
    },
    "workbench/measures/evidence/<public_id:public_id>/": {
        "about": "bureau evidence",
        "GET own": "login 404 404 404 404 404 404 404 404 200",
        "GET foreign": "login 404 404 404 404 404 404 404 404 404",
        "POST": POSTED,
    },
    "workbench/base-requests/<public_id:public_id>/result/": {
        "about": "trial request",
        "GET own": "login 404 200 404 404 200 200 200 404 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404 404",
        "data": lambda world, kind: {"step": "confirm", "confirm-version": "1"},
        "POST own": "login 404 403 404 404 403 away! 403 404 404",  # the applicant wrote it: the base confirms
        "POST foreign": "login 404 404 404 404 403 404 403 404 404",
    },
    "workbench/trial-files/<public_id:public_id>/": {
        "about": "trial file",
        "GET own": "login 404 200 404 404 200 200 200 404 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404 404",
        "POST": POSTED,
    },
    "evaluations/<public_id:public_id>/publish/": {
        "about": "finished evaluation",
        "GET": POSTED,
        "data": lambda world, kind: {"public": "yes"},
        "POST own": "login 404 away! 404 404 403 404 403 404 404",
        "POST foreign": "login 404 404 404 404 403 404 403 404 404",
    },
}
