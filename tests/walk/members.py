"""What the walk finds of joining an organisation and of requests of persons, and what each role gets there."""

import hashlib
from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from accounts.models import SignUp
from members.models import Invitation
from privacy.models import DataRequest


def plant(world, side, *, mine: bool) -> None:
    """An application that a contact may object to, an invitation to the institution, two requests of persons."""
    tag, letter = ("甲", "a") if mine else ("乙", "b")
    firm = ("firm",) if mine else ()
    person = {
        "name": world.secret(f"申屠{tag}", *firm, "city"),
        "email": world.secret(f"shentu{letter}@example.cn", *firm, "city"),
        "phone": world.secret(f"1350411000{letter}", *firm, "city"),
        "due_on": timezone.localdate() + timedelta(days=20),
    }
    side.contested = SignUp.objects.create(
        firm_name=f"大连新来{tag}公司",
        credit_code=side.sign_up.credit_code,
        stat_region=side.region,
        username=f"contested{letter}",
        name=world.secret(f"皇甫{tag}"),
        phone="",
        objection_code="234567892" + letter,
        announced_at=timezone.now(),
        consented_at=timezone.now(),
    )
    side.invitation = Invitation.objects.create(
        organisation=side.institution,
        role="institution_officer",
        email=world.secret(f"guest{letter}@example.cn", *(["office"] if mine else [])),
        secret_hash=_hash(f"invitation-{letter}"),
        invited_by=side.user,
        expires_at=timezone.now() + timedelta(days=7),
    )
    side.data_request = DataRequest.objects.create(
        kind="access", status="verified", verified_at=timezone.now(), verified_how="mail", **person
    )
    side.data_request.organisations.add(side.firm)
    side.unverified = DataRequest.objects.create(kind="delete", link_hash=_hash(f"link-{letter}"), **person)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _named(pattern: str):
    return lambda world: {
        kind: SimpleNamespace(public_id=pattern + letter) for kind, letter in (("own", "a"), ("foreign", "b"))
    }


NAMED = {"sign-up objection": _named("234567892"), "invitation": _named("invitation-"), "data link": _named("link-")}
"""Secrets in addresses."""

LOGGED_IN = "login 200 200 200 200 200 200 200 200"
NO_POST = "login 405 405 405 405 405 405 405 405"
NOBODY = "login 404 404 404 404 404 404 404 404"
PAGES = {
    "sign-up/objection/<public_id:code>/": {
        "about": "sign-up objection",
        "GET": "200",
        "data": lambda world, kind: {"words": "没有这个人"},
        "POST": "away!",
    },
    "invitations/<slug:secret>/": {
        "about": "invitation",
        "GET": "200",
        "POST": "422 away away away away away away away away",  # to another mail address than that of the account
    },
    "workbench/organisations/": {"GET": "login 200 away 200 away away away away 200 away", "POST": NO_POST},
    "workbench/organisations/<public_id:public_id>/": {
        "about": "organisation",
        "GET own": "login 404 404 200 404 404 404 404 404",
        "GET foreign": NOBODY,
        "data": lambda world, kind: {"action": "invite", "email": "new@example.cn"},
        "POST own": "login 404 404 away! 404 404 404 404 404",
        "POST foreign": NOBODY,
    },
    "personal-data/": {"GET": "200", "POST": "422"},
    "personal-data/link/<slug:secret>/": {
        "about": "data link",
        "GET": "200",
        "data": lambda world, kind: {"action": "confirm"},
        "POST": "away!",
    },
    "personal-data/link/<slug:secret>/download/": {"about": "data link", "GET": "404", "POST": "405"},
    "personal-data/<public_id:public_id>/download/": {"about": "datarequest", "GET": NOBODY, "POST": NO_POST},
    "workbench/personal-data/": {"GET": LOGGED_IN, "POST": NO_POST},
    "workbench/personal-data/<public_id:public_id>/": {
        "about": "datarequest",
        "GET own": "login 404 404 200 404 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "data": lambda world, kind: {"action": "answer", "answer": "副本见附件。"},
        "POST own": "login 404 404 away 404 away! 404 away 404",  # only the city answers
        "POST foreign": "login 404 404 404 404 away! 404 away 404",
    },
    "workbench/personal-data/<public_id:public_id>/download/": {
        "about": "datarequest",
        "GET own": "login 404 404 403 404 200 404 403 404",
        "GET foreign": "login 404 404 404 404 200 404 403 404",
        "POST": NO_POST,
    },
    "admin/accounts/signup/<path:object_id>/download/": {
        "about": "signup",
        "GET": "login login login login 404 404 login 404 404",  # without a proof
        "POST": "login login login login 404 404 login 404 404",
    },
}
