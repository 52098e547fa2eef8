"""Columns of a guest list with their aliases."""

from collections.abc import Collection

from django.conf import settings

from rounds.models import DockingRound
from sheets.columns import Column
from sheets.values import Choice, CreditCode, Text


def guest_columns(rounds: Collection[DockingRound]) -> tuple[Column, ...]:
    """Return the columns. `rounds`: open rounds; with a single one the column of the round is optional."""
    names = {docking_round.pk: docking_round.name for docking_round in rounds}
    return (
        Column(
            key="name",
            label="单位名称",
            aliases=("企业名称", "参会单位", "单位", "院校名称", "单位全称"),
            parse=Text(100),
            required=True,
            example=settings.CITY.example_firm,
            help="须已在平台登记",
        ),
        Column(
            key="credit_code",
            label="统一社会信用代码",
            aliases=("信用代码", "社会信用代码"),
            parse=CreditCode(),
            empty="",
        ),
        Column(
            key="team", label="团队", aliases=("团队名称", "课题组"), parse=Text(60), empty="", help="院校分团队时填写"
        ),
        Column(
            key="round",
            label="活动名称",
            aliases=("对接活动", "活动"),
            parse=Choice(names),
            required=len(names) > 1,
            help="只有一场活动时可以不填",
        ),
        Column(
            key="person",
            label="参会人员",
            aliases=("姓名", "参会人", "参会人姓名", "人员姓名"),
            parse=Text(30),
            empty="",
            example="示例人",
            help="一人一行；还没定的可以不填",
        ),
        Column(key="position", label="职务", aliases=("职位", "职称职务"), parse=Text(40), empty=""),
    )
