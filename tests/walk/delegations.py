"""What the walk finds of delegations, proposals and pictures. "nobody" acts for a college of the own institution: what
this opens stands here, and everywhere else it is nobody still.
"""

import io

from django.core.files.base import ContentFile
from PIL import Image

from members.models import Delegation
from portfolio.models import DelegatedItem, ItemProposal, Picture, Video
from tests import factories as make

COLLEGE = "海洋学院"


def plant(world, side, *, mine: bool) -> None:
    """A college of nobody's, a draft in it with a proposal, a picture and a film; a completer of the other side."""
    tag, office = ("甲", ("office",)) if mine else ("乙", ())
    delegate = world.users["nobody"] if mine else make.user()
    kind = {"kind": "college", "college": COLLEGE} if mine else {"kind": "completer"}
    side.delegation = Delegation.objects.create(organisation=side.institution, user=delegate, made_by=side.user, **kind)
    known = (*office, "nobody") if mine else ()
    side.delegated = make.achievement(
        title=world.secret(f"授权成果{tag}", *known, "city", "auditor"),
        registered=False,
        institution=side.institution,
        college=COLLEGE,
        lead_person="示例人",
    )
    if not mine:
        DelegatedItem.objects.create(delegation=side.delegation, achievement=side.delegated, given_by=side.user)
    side.item_proposal = ItemProposal.objects.create(
        achievement=side.delegated,
        delegation=side.delegation,
        proposed_by=delegate,
        before={"scenario": ""},
        after={"scenario": world.secret(f"建议的场景{tag}", *known)},
    )
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "WEBP")
    side.picture = Picture(achievement=side.delegated, uploaded_by=side.user, status="ready", width=4, height=4)
    for size in Picture.SIZES:
        getattr(side.picture, size).save(f"{size}.webp", ContentFile(buffer.getvalue()), save=False)
    side.picture.save()
    side.video = Video(achievement=side.delegated, uploaded_by=side.user, title=f"试验{tag}", size=4)
    side.video.file.save("film.mp4", ContentFile(b"film"))


NO_GET = "login 405 405 405 405 405 405 405 405"
OFFICE_SEES = "login 404 200 404 404 404 404 404 404"
OFFICE_ONLY = "login 404 away! 404 404 404 404 404 404"
OFFICE_WITHOUT_FILE = "login 404 away 404 404 404 404 404 404"
DELEGATE_SEES = "login 200 404 404 404 404 404 404 404 404"
NOBODY = "login 404 404 404 404 404 404 404 404"
FORBIDDEN_TO_OTHERS = "login 403 {} 403 403 403 403 403 403 403"
READERS_OF_A_DRAFT = "404 404 200 404 404 200 404 200 404"
READERS_OF_A_FOREIGN_DRAFT = "404 404 404 404 404 200 404 200 404"


def _media(about: str) -> dict:
    return {
        "about": about,
        "GET own": READERS_OF_A_DRAFT,
        "GET foreign": READERS_OF_A_FOREIGN_DRAFT,
        "POST": "405",
    }


def _of_office(about: str, *, data=None, post: str = OFFICE_ONLY, get: str = NO_GET) -> dict:
    page = {"about": about, "POST own": post, "POST foreign": NOBODY, "data": lambda world, kind: data or {}}
    if get == NO_GET:
        return page | {"GET": NO_GET}
    return page | {"GET own": get, "GET foreign": NOBODY}


AT = "workbench/achievements/<public_id:public_id>/gallery/"
PAGES = {
    "workbench/delegations/": {"GET": OFFICE_SEES, "POST": NO_GET},
    "workbench/delegations/college/": {
        "GET": NO_GET,
        "data": lambda world, kind: {"college": COLLEGE, "email": "dean@example.cn"},
        "POST": FORBIDDEN_TO_OTHERS.format("away!"),
    },
    "workbench/delegations/completer/": {
        "GET": NO_GET,
        "data": lambda world, kind: {
            "name": "示例人",
            "email": "teacher@example.cn",
            "confirmed": "1",
            "chosen": world.own.delegated.public_id,
        },
        "POST": FORBIDDEN_TO_OTHERS.format("away!"),
    },
    "workbench/delegations/<public_id:public_id>/": _of_office("delegation", data={"step": "end"}, get=OFFICE_SEES),
    "workbench/delegated/": {"GET": DELEGATE_SEES, "POST": NO_GET},
    "workbench/delegated/export/": {"GET": DELEGATE_SEES, "POST": NO_GET},
    "workbench/delegated/<public_id:public_id>/": {
        "about": "delegated",
        "GET own": DELEGATE_SEES,
        "GET foreign": NOBODY,
        "data": lambda world, kind: {
            "p-summary": "在正极颗粒表面生成包覆层，寿命提高三成。",
            "p-stage": "middle",
        },
        "POST own": "login away! 404 404 404 404 404 404 404 404",
        "POST foreign": NOBODY,
    },
    "workbench/proposals/": {"GET": OFFICE_SEES, "POST": NO_GET},
    "workbench/proposals/<public_id:public_id>/": _of_office(
        "item proposal", data={"step": "decline", "reason": "还没有报告"}
    ),
    "workbench/proposals/<public_id:public_id>/withdraw/": {
        "about": "item proposal",
        "GET": NO_GET,
        "POST own": "login away! 404 404 404 404 404 404 404 404",
        "POST foreign": NOBODY,
    },
    AT: {"about": "delegated", "GET own": OFFICE_SEES, "GET foreign": NOBODY, "POST": NO_GET},
    f"{AT}pictures/": _of_office("delegated", post=OFFICE_WITHOUT_FILE),
    f"{AT}order/": _of_office("delegated", post=OFFICE_WITHOUT_FILE),
    f"{AT}texts/": _of_office("delegated", post=OFFICE_WITHOUT_FILE),
    f"{AT}videos/": _of_office("delegated", post="login 404 422 404 404 404 404 404 404"),
    "workbench/pictures/<public_id:public_id>/step/": _of_office("picture", data={"step": "remove"}),
    "workbench/videos/<public_id:public_id>/remove/": _of_office("video"),
    **{f"pictures/<public_id:public_id>/{size}/": _media("picture") for size in Picture.SIZES},
    "videos/<public_id:public_id>/": _media("video"),
}
