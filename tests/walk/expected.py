"""What each role gets at each address. An address without a row here fails the walk.

Outcomes: a status; "login", sent to sign in; "index", sent to the admin's first page, as Django answers for a row that
is not among one's own; "away", sent elsewhere; with "!" something must have been written, too. One word stands for
all roles, otherwise there is one each for anonymous, nobody, office, firm, district, city, broker, auditor, sysadmin,
bureau; of nine words a bureau gets the one of nobody.

Each role asks at each address. Where the answer does not depend on whose row it is (refused for all, or a role that
sees all), it asks for one of the rows, by turns: see `tests.test_walk.is_one_class`.
"""

from django.core.files.uploadedfile import SimpleUploadedFile

from core.public_id import ALPHABET
from tests.achievements import uploads
from tests.walk import (
    answers,
    approaches,
    brokerage,
    challenges,
    closings,
    confirmations,
    correspondence,
    day,
    deals,
    delegations,
    disclosure,
    drafting,
    figures,
    finding_again,
    guests,
    honours,
    integrity,
    mechanism,
    members,
    notes_and_calendars,
    obstacles,
    plans,
    portfolio,
    reports,
    review_desk,
    round_parts,
    rounds,
    side_feedback,
    sign_in,
    standing,
    subsidies,
)
from tests.walk.world import ROLES

STAFF = ("district", "city", "auditor", "sysadmin")

PUBLIC_ID = f"(?P<public_id>[{ALPHABET}]{{10}})"
PAGES = {
    "healthz": {"GET": "503", "POST": "405"},  # no worker here
    "livez": {"GET": "200", "POST": "405"},
    "readyz": {"GET": "200", "POST": "405"},
    "metrics": {"GET": "404", "POST": "405"},  # off
    "": {"GET": "200", "POST": "405"},
    "search/": {"GET": "200", "POST": "405"},
    "search/suggestions/": {"GET": "200", "POST": "405"},
    "ask/": {"GET": "200", "POST": "422"},
    "achievements/": {"GET": "200", "POST": "405"},
    "achievements/<public_id:public_id>/": {
        "about": "public achievement",
        "GET open": "200",
        "GET own": "404 404 200 404 404 200 404 200 404",
        "GET foreign": "404 404 404 404 404 200 404 200 404",
        "POST": "405",
    },
    "achievements/<public_id:public_id>/one-page.pdf": {
        "about": "public achievement",
        "GET open": "200",
        "GET own": "404 404 200 404 404 200 404 200 404",
        "GET foreign": "404 404 404 404 404 200 404 200 404",
        "POST": "405",
    },
    **{
        f"{kind}s/<public_id:public_id>/{handout}": {
            "about": f"public {kind}",
            "GET open": "200",
            **({"GET anonymous": "200"} if kind == "demand" else {}),
            "GET own": "404",  # what leaves the site shows only what everybody may read
            "GET foreign": "404",
            "POST": "405",
        }
        for kind, handout in (
            ("achievement", "share.png"),
            ("demand", "share.png"),
            ("demand", "one-page.pdf"),
        )
    },
    "demands/": {"GET": "200", "POST": "405"},
    "demands/<public_id:public_id>/": {
        "about": "public demand",
        "GET open": "200",
        "GET anonymous": "200",  # the firm's name stands on it for few
        "GET own": "404 404 404 200 200 200 404 200 404",
        "GET foreign": "404 404 404 404 404 200 404 200 404",
        "POST": "405",
    },
    "agencies/": {"GET": "200", "POST": "405"},
    "agencies/brokers/": {"GET": "200", "POST": "405"},
    "agencies/<public_id:public_id>/": {
        "about": "agency",
        "GET own": "200",
        "GET foreign": "404 404 404 404 404 200 404 200 404",  # not verified yet
        "POST": "405",
    },
    "rounds/": {"GET": "200", "POST": "405"},
    "rounds/<public_id:public_id>/": {
        "about": "dockinground",
        "GET own": "200",
        "GET foreign": "404 404 404 404 200 200 404 200 404",  # in preparation
        "POST": "405",
    },
    "workbench/": {"GET": "login 200 200 200 200 200 200 200 200", "POST": "login 405 405 405 405 405 405 405 405"},
    "workbench/matches/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/trial/": {
        "GET": "login 403 200 200 200 200 200 200 403",
        "POST": "login 403 422 422 422 422 422 422 403",
    },
    "workbench/requests/<public_id:public_id>/": {
        "about": "brokerrequest",
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"answer": "accept"},
        "POST own": "login 404 404 404 403 403 away! 403 404",  # the others may look, only the asked may answer
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    "workbench/follow-ups/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/follow-ups/<public_id:public_id>/": {
        "about": "followup",
        "GET own": "login 404 200 200 200 200 404 200 404",  # the broker was asked, but has not taken it
        "GET refused": "login 404 200 200 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/follow-ups/<public_id:public_id>/answer/": {
        "about": "followup",
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {
            "side": "firm",
            "answer": "unwilling",
            "unwilling-firm-reason": "timing",
            "unwilling-firm-spoken_with": "钱经理",
        },
        "POST own": "login 404 403 away! away! away! 404 403 404",
        "POST refused": "login 404 403 422 422 422 404 403 404",  # it is over
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "workbench/follow-ups/<public_id:public_id>/reply/": {
        "about": "followup",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 403 403 404 404 404 403 404",  # nobody has asked anything
        "POST foreign": "login 404 404 404 404 404 404 403 404",
    },
    "workbench/follow-ups/<public_id:public_id>/step/": {
        "about": "followup",
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"step": "close", "close-reason": "other", "close-note": "成果已转让"},
        "POST own": "login 404 403 403 away! away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "workbench/follow-ups/<public_id:public_id>/contact/": {
        "about": "followup",
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"side": "office"},
        "POST own": "login 404 403 403 403 403 404 403 404",  # nobody before both are willing
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    "workbench/follow-ups/<public_id:public_id>/confirm/": {  # without saying which question
        "about": "followup",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 away away away away 404 away 404",
        "POST foreign": "login 404 404 404 404 away 404 away 404",
    },
    "workbench/follow-ups/<public_id:public_id>/stance/": {
        "about": "followup",
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"side": "office"},
        "POST own": "login 404 away 403 403 403 404 403 404",  # not before the talks
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    "workbench/follow-ups/<public_id:public_id>/link/": {
        "about": "followup",
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"side": "office"},
        "POST own": "login 404 403 403 away away 404 403 404",  # nobody asked the institution
        "POST foreign": "login 404 404 404 404 away 404 403 404",
    },
    "workbench/questions/<public_id:public_id>/": {
        "about": "question",
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"answer": "每年 800 吨"},
        "POST own": "login 404 404 away! 404 404 404 404 404",  # asked of the firm
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    "workbench/achievements/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/achievements/submit/": {
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"chosen": [getattr(world, kind).draft.public_id]},
        "POST own": "login 404 away! 404 404 404 404 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    "workbench/achievements/doubles/": {
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST": "login 403 200 403 403 200 403 403 403",
    },
    "workbench/achievements/new/": {
        "GET": "login 403 200 403 403 200 403 403 403",
        "POST": "login 403 422 403 403 422 403 403 403",
    },
    "workbench/achievements/<public_id:public_id>/": {
        "about": "draft achievement",
        "GET own": "login 404 200 404 404 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST own": "login 404 422 404 404 422 404 403 404",
        "POST foreign": "login 404 404 404 404 422 404 403 404",
    },
    "workbench/achievements/<public_id:public_id>/submit/": {
        "about": "draft achievement",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 away! 404 404 away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "workbench/demands/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/demands/submit/": {
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"chosen": [getattr(world, kind).draft_demand.public_id]},
        "POST own": "login 404 404 away! 404 404 404 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    "workbench/demands/doubles/": {
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST": "login 403 403 200 200 200 403 403 403",
    },
    "workbench/demands/exposure/": {
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST": "login 403 403 200 200 200 403 403 403",
    },
    "workbench/demands/partner/": {
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST": "login 403 403 200 200 200 403 403 403",
    },
    "workbench/demands/new/": {
        "GET": "login 403 403 200 200 200 403 403 403",
        "POST": "login 403 403 422 422 422 403 403 403",
    },
    "workbench/demands/<public_id:public_id>/": {
        "about": "draft demand",
        "GET own": "login 404 404 200 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST own": "login 404 404 422 422 422 404 403 404",
        "POST foreign": "login 404 404 404 404 422 404 403 404",
    },
    "workbench/demands/<public_id:public_id>/submit/": {
        "about": "draft demand",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 404 away! away! away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "workbench/import/<slug:kind>/": {
        "about": "import kind",
        "GET achievements": "login 404 200 404 404 200 404 404 404",
        "GET demands": "login 404 404 200 200 200 404 404 404",
        "GET agencies": "login 404 404 404 404 200 404 404 404",
        "GET brokers": "login 404 404 404 404 200 404 404 404",
        "GET funds": "login 404 404 404 404 200 404 404 404",
        "GET guests": "login 404 404 404 200 200 404 404 404",
        "GET contracts": "login 404 404 404 404 200 404 404 404",
        "POST contracts": "login 404 404 404 404 422 404 404 404",
        "POST achievements": "login 404 422 404 404 422 404 404 404",
        "POST demands": "login 404 404 422 422 422 404 404 404",
        "POST agencies": "login 404 404 404 404 422 404 404 404",
        "POST brokers": "login 404 404 404 404 422 404 404 404",
        "POST funds": "login 404 404 404 404 422 404 404 404",
        "POST guests": "login 404 404 404 422 422 404 404 404",
    },
    "workbench/import/<slug:kind>/template/": {
        "about": "import kind",
        "GET achievements": "login 404 200 404 404 200 404 404 404",
        "GET demands": "login 404 404 200 200 200 404 404 404",
        "GET agencies": "login 404 404 404 404 200 404 404 404",
        "GET brokers": "login 404 404 404 404 200 404 404 404",
        "GET funds": "login 404 404 404 404 200 404 404 404",
        "GET guests": "login 404 404 404 200 200 404 404 404",
        "GET contracts": "login 404 404 404 404 200 404 404 404",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/imports/<public_id:public_id>/": {
        "about": "sourcefile",
        "GET own": "login 404 200 404 200 200 404 404 404",
        "GET foreign": "login 404 404 404 404 200 404 404 404",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/imports/<public_id:public_id>/check/": {
        "about": "sourcefile",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 away 404 away away 404 404 404",
        "POST foreign": "login 404 404 404 404 away 404 404 404",
    },
    "workbench/imports/<public_id:public_id>/marked/": {
        "about": "sourcefile",
        "GET own": "login 404 200 404 away 200 404 404 404",  # the district's sheet is not checked yet
        "GET foreign": "login 404 404 404 404 200 404 404 404",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/imports/<public_id:public_id>/write/": {
        "about": "sourcefile",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 away 404 away away 404 404 404",
        "POST foreign": "login 404 404 404 404 away 404 404 404",
    },
    "workbench/imports/<public_id:public_id>/decide/": {
        "about": "sourcefile",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 away 404 404 away 404 404 404",
        "POST foreign": "login 404 404 404 404 away 404 404 404",
    },
    "workbench/imports/<public_id:public_id>/headers/": {
        "about": "sourcefile",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 away 404 404 away 404 404 404",
        "POST foreign": "login 404 404 404 404 away 404 404 404",
    },
    "workbench/imports/<public_id:public_id>/run/": {
        "about": "sourcefile",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 away 404 away away 404 404 404",
        "POST foreign": "login 404 404 404 404 away 404 404 404",
    },
    "workbench/imports/<public_id:public_id>/absent/": {
        "about": "sourcefile",
        "GET own": "login 404 200 404 404 200 404 404 404",
        "GET foreign": "login 404 404 404 404 200 404 404 404",
        "POST own": "login 404 away 404 404 away 404 404 404",
        "POST foreign": "login 404 404 404 404 away 404 404 404",
    },
    "workbench/imports/<public_id:public_id>/cells/": {
        "about": "sourcefile",
        "GET own": "login 404 200 404 404 200 404 404 404",
        "GET foreign": "login 404 404 404 404 200 404 404 404",
        "POST own": "login 404 away 404 404 away 404 404 404",
        "POST foreign": "login 404 404 404 404 away 404 404 404",
    },
    "workbench/import-spellings/": {
        "GET": "login 404 200 404 404 200 404 404 404",
        "POST": "login 404 404 404 404 404 404 404 404",
    },
    "workbench/notices/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/notices/read/": {
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST": "login away away! away away away away away away",
    },
    "workbench/notices/settings/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login away! away! away! away! away! away! away! away!",
    },
    "workbench/notices/<slug:public_id>/read/": {  # everybody's own and nobody else's
        "about": "notice",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 away! 404 404 404 404 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    "notices/receipts/": {"GET": "405", "POST": "404"},  # no gateway is configured here
    "admin/notices/delivery/texts/": {
        "GET": "login login login login 403 200 login 200 403",
        "POST": "login login login login 405 405 login 405 405",
    },
    "admin/notices/delivery/texts/<str:key>/": {
        "about": "text key",
        "data": lambda _world, _kind: {"deed": "reset"},
        "GET": "login login login login 403 200 login 200 403",
        "POST": "login login login login 403 away login 403 403",
    },
    "notices/unsubscribe/<str:token>/": {  # whoever has the link
        "about": "unsubscribe token",
        "GET": "200",
        "POST": "200",
    },
    "help/": {"GET": "200", "POST": "405"},
    "accessibility/": {"GET": "200", "POST": "405"},
    "privacy/": {"GET": "200", "POST": "405"},
    "robots.txt": {"GET": "200", "POST": "405"},
    "sitemap.xml": {"GET": "200", "POST": "405"},
    **sign_in.PAGES,
    "sign-up/": {"GET": "200", "POST": "422"},
    "sign-up/<slug:public_id>/": {"about": "signup", "GET": "200", "POST": "422"},  # whoever has the link
    "achievements/attachments/<slug:public_id>/": {
        "about": "attachment",
        "GET open": "200",
        "GET own": "404 404 200 404 404 200 404 200 404",
        "GET foreign": "404 404 404 404 404 200 404 200 404",
        "POST": "405",
    },
    "achievements/attachments/<slug:public_id>/remove/": {
        "about": "attachment",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST open": "login 404 away! 404 404 away! 404 403 404",  # the auditor may know of it
        "POST own": "login 404 away! 404 404 away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "achievements/<slug:public_id>/attachments/": {
        "about": "public achievement",
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"file": SimpleUploadedFile("样本.pdf", uploads.PDF + b"%")},
        "POST open": "login 404 away! 404 404 away! 404 403 404",
        "POST own": "login 404 away! 404 404 away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "api/v1/openapi.json": {"GET": "200", "POST": "405"},
    "api/v1/docs/": {"GET": "200", "POST": "405"},
    "api/v1/^achievements/$": {"GET": "200", "POST": "405"},
    f"api/v1/^achievements/{PUBLIC_ID}/$": {
        "about": "public achievement",
        "GET open": "200",
        "GET own": "404 404 200 404 404 200 404 200 404",
        "GET foreign": "404 404 404 404 404 200 404 200 404",
        "POST": "405",
    },
    "api/v1/^demands/$": {"GET": "200", "POST": "405"},
    f"api/v1/^demands/{PUBLIC_ID}/$": {
        "about": "public demand",
        "GET open": "200",
        "GET anonymous": "200",
        "GET own": "404 404 404 200 200 200 404 200 404",
        "GET foreign": "404 404 404 404 404 200 404 200 404",
        "POST": "405",
    },
    "api/v1/^agencies/$": {"GET": "200", "POST": "405"},
    f"api/v1/^agencies/{PUBLIC_ID}/$": {
        "about": "agency",
        "GET own": "200",
        "GET foreign": "404 404 404 404 404 200 404 200 404",
        "POST": "405",
    },
    "api/v1/^rounds/$": {"GET": "200", "POST": "405"},
    f"api/v1/^rounds/{PUBLIC_ID}/$": {
        "about": "dockinground",
        "GET own": "200",
        "GET foreign": "404 404 404 404 200 200 404 200 404",
        "POST": "405",
    },
    "api/v1/^industries/$": {"GET": "200", "POST": "405"},
    "api/v1/^industries/(?P<slug>[-a-zA-Z0-9_]+)/$": {"about": "industry", "GET": "200", "POST": "405"},
    "admin/login/": {
        "GET": "login 403 403 403 403 403 403 403 403",
        "POST": "login 403 403 403 403 403 403 403 403",
    },
    "admin/logout/": {"GET": "405", "POST": "away"},
    "admin/password_change/": {"GET": "away", "POST": "away"},
    "admin/search/": {
        "GET": "login login login login 200 200 login 200 200",
        "POST": "login login login login 200 200 login 200 200",
    },
    "admin/": {
        "GET": "login login login login 200 200 login 200 200",
        "POST": "login login login login 200 200 login 200 200",
    },
    "admin/password_change/done/": {
        "GET": "login login login login 200 200 login 200 200",
        "POST": "login login login login 405 405 login 405 405",
    },
    "admin/autocomplete/": {  # without saying which field; with it, see test_autocomplete
        "GET": "login login login login 403 403 login 403 403",
        "POST": "login login login login 405 405 login 405 405",
    },
    "admin/jsi18n/": {
        "GET": "login login login login 200 200 login 200 200",
        "POST": "login login login login 405 405 login 405 405",
    },
    "admin/matching/matchrun/effects/": {
        "GET": "login login login login 200 200 login 200 403",
        "POST": "login login login login 404 404 login 403 403",  # without saying which decision
    },
    "admin/matching/matchrun/quality/": {
        "GET": "login login login login 200 200 login 200 403",
        "POST": "login login login login 405 405 login 405 405",
    },
    "admin/accounts/sourcefile/<path:object_id>/download/": {
        "about": "sourcefile",
        "GET own": "login login login login 200 200 login 200 404",
        "GET foreign": "login login login login 404 200 login 200 404",
    },
    "admin/accounts/user/<id>/password/": {
        "about": "user",
        "GET": "login login login login 403 403 login 403 200",
        "POST": "login login login login 403 403 login 403 200",
    },
    "admin/accounts/user/<path:object_id>/join/": {
        "about": "user",
        "GET": "login login login login 403 403 login 403 away",
        "POST": "login login login login 403 403 login 403 away",
    },
    "admin/matching/match/desk/": {
        "GET": "login login login login 200 200 login 200 403",
        "POST": "login login login login 405 405 login 405 405",
    },
    "admin/matching/match/desk/export/": {
        "GET": "login login login login 200! 200! login 200! 403",  # who exported what is written down
        "POST": "login login login login 405 405 login 405 405",
    },
    "admin/matching/match/desk/<slug:name>/": {
        "about": "figure",
        "GET": "login login login login 200 200 login 200 403",
        "POST": "login login login login 405 405 login 405 405",
    },
    "admin/matching/match/desk/<slug:name>/export/": {
        "about": "figure",
        "GET": "login login login login 200! 200! login 200! 403",
        "POST": "login login login login 405 405 login 405 405",
    },
    "admin/achievements/achievement/import_sheet/": {"GET": "login login login login 403 away login 403 403"},
    "admin/demands/demand/import_sheet/": {"GET": "login login login login away away login 403 403"},
    "admin/brokers/agency/import_sheet/": {"GET": "login login login login 403 away login 403 403"},
    "admin/mechanism/fund/import_sheet/": {"GET": "login login login login 403 away login 403 403"},
    "admin/brokers/broker/import_sheet/": {"GET": "login login login login 403 away login 403 403"},
}
for part in (
    closings,
    confirmations,
    deals,
    figures,
    guests,
    honours,
    delegations,
    mechanism,
    plans,
    portfolio,
    review_desk,
    round_parts,
    rounds,
):
    PAGES |= part.PAGES
PAGES |= (
    day.PAGES
    | disclosure.PAGES
    | members.PAGES
    | side_feedback.PAGES
    | approaches.PAGES
    | answers.PAGES
    | finding_again.PAGES
    | standing.PAGES
    | notes_and_calendars.PAGES
    | portfolio.PAGES
    | correspondence.PAGES
    | drafting.PAGES
    | integrity.PAGES
    | subsidies.PAGES
    | obstacles.PAGES
    | reports.PAGES
    | brokerage.PAGES
    | challenges.PAGES
)
NEEDS_NO_ROW = (
    r"api/v1/^(?:",  # whatever is no address below /api/, see test_no_address_at_all
    r"admin/login/",  # Django's own, hidden by ours above it
    r"admin/r/",  # from a row to its public page: see test_no_row_leads_to_another_site
    r"admin/^(?P<app_label>",  # see test_the_pages_of_an_app
    r"admin/(?P<url>.*)$",  # whatever is no address below /admin/, see test_no_address_at_all
)

DESKS = {
    # v: may look, a: may add, c: may change, *: only rows of their own district, or of accounts for the sysadmin
    #                         district  city   auditor  sysadmin
    "accounts.region":          ("",     "vc",  "v",  "vac"),
    "accounts.organisation":    ("vc*",  "vac", "v",  "vac"),
    "accounts.contact":         ("v*",   "v",   "v",  ""),
    "accounts.signup":          ("v*",   "v",   "v",  ""),
    "audit.auditrecord":     ("",     "v",   "v",  "v*"),
    "accounts.sourcefile":      ("v*",   "v",   "v",  ""),
    "accounts.user":            ("",     "",    "v",  "vac"),
    "accounts.membership":      ("",     "",    "v",  "va"),
    "auth.group":               ("",     "",    "v",  "v"),
    "taxonomy.industry":        ("v",    "vac", "v",  "v"),
    "achievements.achievement": ("",     "vac", "v",  ""),
    "demands.demand":           ("vac*", "vac", "v",  ""),
    "brokers.agency":           ("v*",   "vac", "v",  ""),
    "brokers.broker":           ("v",    "vac", "v",  ""),
    "matching.match":           ("v*",   "v",   "v",  ""),
    "matching.matchrun":        ("v",    "v",   "v",  ""),
    "matching.demandresult":         ("v*",   "v",   "v",  ""),
    "matching.learned":         ("",     "v",   "v",  ""),
    "matching.brokerrequest":   ("v*",   "v",   "v",  ""),
    "deals.deal":             ("v*",   "v",   "v",  ""),
    "deals.contract":         ("v*",   "v",   "v",  ""),
    "deals.registrationrule": ("v",    "vac", "v",  ""),
    "rounds.dockinground":     ("v",    "vac", "v",  ""),
    "rounds.avoidedperiod":    ("v",    "vac", "v",  ""),
    "rounds.agendaitem":       ("v*",   "vac", "v",  ""),
    "notices.delivery":         ("",     "v",   "v",  "v"),
    "mechanism.task":           ("v*",   "vc",  "v",  ""),
    "mechanism.measure":        ("v*",   "vac", "v",  ""),
    "mechanism.minutes":        ("",     "vac", "v",  ""),
    "mechanism.policy":         ("v",    "vac", "v",  ""),
    "mechanism.fund":           ("",     "vac", "v",  ""),
    "mechanism.base":           ("v",    "vac", "v",  ""),
    "mechanism.baserequest":    ("",     "v",   "v",  ""),
    "mechanism.venture":        ("v*",   "vac", "v",  ""),
} | guests.DESKS | figures.DESKS  # fmt: skip

DESKS |= (
    brokerage.DESKS
    | honours.DESKS
    | disclosure.DESKS
    | standing.DESKS
    | integrity.DESKS
    | subsidies.DESKS
    | obstacles.DESKS
    | challenges.DESKS
)

EVERYBODY_WORKING = ("district", "city")
ACTIONS = {
    # action: (who may, in which state of the row it can be done). "_all" is the same for a selection; "export" for all
    "accounts.contact": {"reveal": (EVERYBODY_WORKING, {})},
    "accounts.signup": {
        "approve approve_silent dismiss reject reject_all": (EVERYBODY_WORKING, {}),
        "reveal": (EVERYBODY_WORKING, {}),
    },
    "accounts.user": {
        "suspend": (("sysadmin",), {"is_active": True}),
        "reactivate": (("sysadmin",), {"is_active": False}),
        "unlock": (("sysadmin",), {}),
        "reset_factor": (("sysadmin",), {}),
    },
    "accounts.membership": {"end": (("sysadmin",), {})},
    "achievements.achievement": {
        "register register_all send_back send_back_all": (("city",), {}),
        "approve approve_all": (("city",), {"status": "office_review"}),
        "feature feature_all transferred pause pause_all withdraw withdraw_all": (("city",), {"status": "registered"}),
        "publish publish_all renew": (("city",), {"status": "registered"}),
        "unpublish": (("city",), {"status": "registered", "published": True}),
        "reinstate": (("city",), {"status": "paused", "status_reason": "独家洽谈"}),
        "export": (("city", "auditor"), {}),
    },
    "demands.demand": {
        "publish publish_all give_back give_back_all diagnose diagnose_all close close_all": (EVERYBODY_WORKING, {}),
        "submit": (EVERYBODY_WORKING, {"status": "draft"}),
        "dock track solve": (EVERYBODY_WORKING, {"status": "published"}),
        "challenge": (EVERYBODY_WORKING, {"status": "published", "wants_challenge": True}),
        "reopen": (EVERYBODY_WORKING, {"status": "closed", "status_reason": "已解决"}),
        "resume": (EVERYBODY_WORKING, standing.PAUSED),
        "export": (("district", "city", "auditor"), {}),
    },
    "brokers.agency": {
        "verify verify_all": (("city",), {"verified_at": None, "verified_by": None}),
        "withdraw withdraw_all": (("city",), {"verified": True}),
        "export": (("district", "city", "auditor"), {}),
    },
    "brokers.broker": {
        "deactivate": (("city",), {"is_active": True}),
        "reactivate": (("city",), {"is_active": False}),
        "export": (("district", "city", "auditor"), {}),
    },
    "matching.match": {
        "accept accept_all reject reject_all": (EVERYBODY_WORKING, {}),
        "hand_over reopen": (EVERYBODY_WORKING, {"accepted": True}),
        "export": (("district", "city", "auditor"), {}),
    },
    "notices.delivery": {"send_again": (("city", "sysadmin"), {"status": "failed"})},
    "matching.matchrun": {"retry": (("city",), {"status": "failed", "finished_at": None})},
    "matching.learned": {
        "switch_on": (("city",), {"is_winner": True}),
        "switch_off": (("city",), {"is_in_force": True}),
    },
    "mechanism.policy": {
        "publish": (("city",), {"published_at": None}),
        "unpublish": (("city",), {}),
    },
    "mechanism.fund": {"export": (("city", "auditor"), {})},
    "mechanism.baserequest": {"accept decline": (("city",), {})},
}
ACTIONS |= (
    brokerage.ACTIONS | guests.ACTIONS | honours.ACTIONS | disclosure.ACTIONS | standing.ACTIONS | subsidies.ACTIONS
)


def row(words: str) -> dict[str, str]:
    """{role: outcome} of a row of PAGES."""
    outcomes = words.split()
    if len(outcomes) == len(ROLES) - 1:
        outcomes.append(outcomes[1])
    return dict(zip(ROLES, outcomes if len(outcomes) > 1 else outcomes * len(ROLES), strict=True))


def rights(model: str, role: str) -> str:
    """What a role may do at the desk of a model, as DESKS writes it; empty for those who have no desk at all."""
    return dict(zip(STAFF, DESKS[model], strict=True)).get(role, "")


def actions(model: str) -> dict[str, tuple[tuple[str, ...], dict]]:
    """{action: (who may, in which state)} of a model's desk."""
    return {name: deed for names, deed in ACTIONS.get(model, {}).items() for name in names.split()}
