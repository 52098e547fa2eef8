"""What the walk finds of honours and evaluations, and what each role gets there."""

from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from mechanism.models import Candidate, Evaluation, Expert, Honour, Objection, Opinion, RelatedParties
from tests import factories as make


def plant(world, side, *, mine: bool) -> None:
    """One row of each kind for a side of the world, with words that only some may read."""
    tag = "甲" if mine else "乙"
    today = timezone.localdate()
    staff = ("city", "auditor")
    side.honour = Honour.objects.create(
        name=f"年度优秀经纪人{tag}",
        kind="broker",
        rule_text="按登记合同计分。",
        first_on=today - timedelta(days=365),
        last_on=today - timedelta(days=1),
        status="publicised",
        as_of=today,
        objections_until=today + timedelta(days=9),
    )
    side.candidate = Candidate.objects.create(
        honour=side.honour, broker=side.broker, rank=1, points=10, pairs=2, is_proposed=True
    )
    side.objection = Objection.objects.create(
        candidate=side.candidate, text=world.secret(f"举报他虚报合同{tag}", *staff), made_by=make.user()
    )
    side.relatedparties = RelatedParties.objects.create(
        one=side.institution,
        other=make.organisation("firm", f"大连校办{tag}有限公司"),
        why=world.secret(f"同一控制人{tag}", *staff),
    )
    side.expert = Expert.objects.create(name=f"评审{tag}某", unit=world.secret(f"外地研究院{tag}", *staff))
    side.evaluation = Evaluation.objects.create(
        achievement=side.offered,
        due_on=today + timedelta(days=9),
        **{"science_weight": 20, "technology_weight": 20, "economy_weight": 20},
        **{"society_weight": 20, "culture_weight": 20},
    )
    opinion = Opinion.objects.create(evaluation=side.evaluation, expert=side.expert)
    side.expert_page = SimpleNamespace(public_id=opinion.code)


SIGNED_IN = "login away! away! away! away! away! away! away! away!"
READ = "login login login login 403 200 login 200 403"
POSTED = "login login login login 405 405 login 405 405"


def _objection(world, kind):
    return {"candidate": getattr(world, kind).candidate.public_id, "text": "这份合同没有实际履行，请核实。"}


PAGES = {
    "honours/": {"GET": "200", "POST": "405"},
    "honours/<public_id:public_id>/": {"about": "public honour", "GET": "200", "POST": "405"},
    "honours/<public_id:public_id>/mine/": {
        "about": "public honour",
        "data": _objection,
        "GET own": "login 404 404 404 404 404 200 404 404",
        "GET foreign": "login 404 404 404 404 404 404 404 404",
        "POST own": "login 404 404 404 404 404 away! 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    "honours/<public_id:public_id>/object/": {
        "about": "public honour",
        "data": _objection,
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": SIGNED_IN,
        "POST foreign": SIGNED_IN,
    },
    "evaluate/<public_id:code>/": {
        "about": "public expert_page",
        "data": lambda world, kind: {"step": "recuse", "reason": "与完成人是师生"},
        "GET": "200",  # whoever has the code
        "POST": "away!",
    },
    # unfinished: nobody reads a report yet; of a finished one see tests/mechanism/services/test_evaluations.py
    "evaluations/<public_id:public_id>/report/": {
        "about": "public evaluation",
        "GET": "login 404 404 404 404 404 404 404 404",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "admin/mechanism/honour/list/<slug:public_id>/": {"about": "public honour", "GET": READ},
    "admin/mechanism/honour/<path:object_id>/open_list/": {
        "about": "honour",
        "GET": "login login login login 403 away login away 403",
    },
    "admin/mechanism/evaluation/page/<slug:public_id>/": {"about": "public evaluation", "GET": READ, "POST": POSTED},
    "admin/mechanism/evaluation/page/<slug:public_id>/report/": {
        "about": "public evaluation",
        "GET": "login login login login 403 404 login 404 403",
    },
    "admin/mechanism/evaluation/page/<slug:public_id>/step/": {
        "about": "public evaluation",
        "data": lambda world, kind: {"step": "cancel", "words": "成果已撤回"},
        "GET": POSTED,
        "POST": "login login login login 403 away! login 403 403",
    },
    "admin/mechanism/evaluation/<path:object_id>/open_page/": {
        "about": "evaluation",
        "GET": "login login login login 403 away login away 403",
    },
}
DESKS = {
    "mechanism.honour": ("", "va", "v", ""),  # changed only while it is a draft
    "mechanism.objection": ("", "v", "v", ""),
    "mechanism.relatedparties": ("", "vac", "v", ""),
    "mechanism.expert": ("", "vac", "v", ""),
    "mechanism.evaluation": ("", "va", "v", ""),
}
DRAFT = {"status": "draft", "as_of": None, "objections_until": None}
ACTIONS = {
    "mechanism.honour": {"publicise": (("city",), DRAFT), "release cancel": (("city",), {})},
    "mechanism.objection": {"uphold dismiss": (("city",), {})},
}
