"""robots.txt, sitemap.xml and favicon.ico."""

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.http import require_safe

from accounts.models import Region
from achievements.models import Achievement
from brokers.models import Agency
from challenges.models import Challenge
from demands.models import Demand
from mechanism.models import Base, Policy
from portal.institutions import listed_institutions
from rounds.models import DockingRound
from taxonomy.models import Industry

LIMIT = 50_000
"""Maximum number of URLs in one file (sitemaps.org)."""


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /accounts/",
        "Disallow: /workbench/",
        "Disallow: /r/",
        "Disallow: /c/",
        "",
    ]
    lines.append(f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> FileResponse:
    """For browsers and readers of feeds that ask for this address; pages name the icon themselves."""
    response = FileResponse((settings.BASE_DIR / "static" / "favicon.ico").open("rb"), content_type="image/x-icon")
    response["Cache-Control"] = "public, max-age=604800"
    return response


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The URLs of all public pages, the newest first."""
    urls = [
        (reverse(name), None)
        for name in (
            *("home", "achievement_list", "demand_list", "institution_list", "industry_list", "district_list"),
            *("challenge_list", "agency_list", "broker_list", "round_list", "base_list", "policy_list"),
            *("obstacle_answers", "public_figures", "open_data", "help", "accessibility", "privacy"),
        )
    ]
    for name, published in (
        ("achievement_detail", Achievement.objects.published()),
        ("demand_detail", Demand.objects.published()),
    ):
        # Within a day in no order: what a district publishes at once must not stand together.
        rows = published.order_by("-updated_at__date", "public_id").values_list("public_id", "updated_at")
        rows = rows[: LIMIT // 2 - 1000]
        urls += [(reverse(name, args=[public_id]), at) for public_id, at in rows]
    institutions = listed_institutions().order_by("public_id").values_list("public_id", flat=True)[:1000]
    urls += [(reverse("institution_detail", args=[public_id]), None) for public_id in institutions]
    industries = Industry.objects.active().filter(parent=None).order_by("slug").values_list("slug", flat=True)
    urls += [(reverse("industry_detail", args=[slug]), None) for slug in industries]
    regions = Region.objects.reporting().values_list("code", flat=True)
    urls += [(reverse("district_detail", args=[code]), None) for code in regions]
    rounds = DockingRound.objects.published().values_list("public_id", flat=True)[:1000]
    urls += [(reverse("round_detail", args=[public_id]), None) for public_id in rounds]
    challenges = Challenge.objects.public().order_by("-published_at").values_list("public_id", flat=True)[:1000]
    urls += [(reverse("challenge_detail", args=[public_id]), None) for public_id in challenges]
    agencies = Agency.objects.listed().order_by("public_id").values_list("public_id", flat=True)[:1000]
    urls += [(reverse("agency_detail", args=[public_id]), None) for public_id in agencies]
    for name, rows in (("base_detail", Base.objects.listed()), ("policy_detail", Policy.objects.published())):
        public_ids = rows.order_by("-updated_at").values_list("public_id", flat=True)[:1000]
        urls += [(reverse(name, args=[public_id]), None) for public_id in public_ids]
    entries = "".join(
        f"<url><loc>{escape(request.build_absolute_uri(path))}</loc>"
        + (f"<lastmod>{at:%Y-%m-%d}</lastmod>" if at else "")
        + "</url>\n"
        for path, at in urls
    )
    return HttpResponse(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n',
        content_type="application/xml",
    )
