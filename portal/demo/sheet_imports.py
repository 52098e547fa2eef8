"""A sheet of a university's office in negotiation: good rows, proposals, questions and cells to mend."""

import io

from openpyxl import Workbook

from accounts.models import Organisation, Role, User
from accounts.services.source_files import store_source_file
from achievements.models import SheetImport
from achievements.services.sheet_imports import start_sheet_import
from portal.demo.dataset import rows

HEADERS = (
    *("序号", "项目名称", "完成单位", "学院", "负责人（电话）", "类别", "成果形式", "阶段", "所属行业", "主要内容"),
    *("转化形式", "转让费", "专利号", "是否愿意转化", "联系人", "手机号码", "是否涉密"),
)
BASE = ("应用技术", "新装备", "中试", "高端装备", "技术许可", "愿意", "否")
ITEMS = (
    ("冷轧薄板回弹在线补偿成形单元", "二百万", "", "0411-00000081"),
    ("狭小舱室焊缝姿态自适应焊接小车", "80-120", "", "0411-00000082"),
    ("深冷阀门低泄漏密封副试验装置", "500000", "", "0411-00000083"),
    ("铸件内腔残砂视觉检测装置", "面议", "ZL202310000001.9、ZL202320000002.2", ""),
    ("大型回转件无应力装夹工装", "几十万", "", "0411-00000085"),
    ("齿轮箱早期故障声学监测装置", "35万", "", "0411-00000086"),
)


def load_sheet_import() -> None:
    """The office of one institution has uploaded a sheet with odd spellings; nothing of it is imported yet."""
    if SheetImport.objects.exists() or not rows("achievements"):
        return
    office = User.objects.filter(
        memberships__role=Role.INSTITUTION, memberships__organisation__kind=Organisation.Kind.INSTITUTION
    ).order_by("pk")
    by = next((user for user in office if len(user.scope.institution_ids) == 1), None)
    if by is None:
        return
    unit = Organisation.objects.get(pk=next(iter(by.scope.institution_ids)))
    source_file = store_source_file(
        "achievements", content=_sheet(unit.name), name="四季度新增成果.xlsx", by=by, organisation=unit
    )
    start_sheet_import(source_file, by=by)


def _sheet(unit: str) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.append(["四季度新增成果汇总表"])
    sheet.append(list(HEADERS))
    category, form, stage, industry, way, willingness, secret = BASE
    for number, (title, price, patents, phone) in enumerate(ITEMS, 1):
        summary = f"针对{title[:6]}的实际难题，给出成套装置与工艺参数，已在样机上验证。"
        own = [number, title, unit, "机械工程学院", "示例人", category, form, "试生产" if number == 5 else stage]
        sheet.append([*own, industry, summary, way, price, patents, willingness, "示例人", phone, secret])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
