"""What the office can do with one achievement for its reports, on the achievement's page."""

from urllib.parse import urlencode

from django.urls import reverse

from achievements.models import Achievement
from portfolio.item_slots import ItemLink


def report_links(achievement: Achievement) -> list[ItemLink]:
    key = achievement.public_id
    return [
        ItemLink("下载科技成果登记表", reverse("registration_form", args=[key])),
        ItemLink("申请五元价值评价", reverse("evaluation_ask", args=[key])),
        ItemLink("价格公示", f"{reverse('price_publicities')}?{urlencode({'item': key})}"),
    ]
