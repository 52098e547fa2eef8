"""Headers as offices write them: which column of the collection sheet each header means."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from sheets.columns import Column, header_index, normalize_header, unit_of

NOT_IMPORTED = ""
"""Mapping value of a header whose cells are not imported."""

_WITH_TELEPHONE = re.compile(
    r"(.*[人员师名])(?:及其?|和|与|/|、|＋|\+)\s*(?:联系)?(?:电话|手机号?|联系方式|职称)(?:号码)?"
)
_STAGES_IN_BRACKETS = re.compile(r"成熟\S{0,3}[（(][^）)]*(?:小试|中试|量产)")  # 成熟度（小试/中试/量产）
_RULES = (  # searched in this order in headers that are in no list
    (r"先.{0,2}(?:使?用|试).{0,3}后.{0,2}付", "pay_later"),
    (r"非密|涉密|国家秘密|保密审查", "non_secret"),
    (r"密级", "secrecy"),
    (r"(?:同意|公开).*联系", "contact_consents"),
    (r"邮箱|邮件|e-?mail", "contact_email"),
    (r"电话|手机|联系方式|号码", "contact_phone"),
    (r"联系人|联络人|对接人|经办", "contact_name"),
    (r"学院|院系|部门|学部", "college"),
    (r"资金.*需|所需.*资金|融资|投资额", "funds_needed"),
    (r"价格|报价|转让费|许可费|金额|费用|估值|定价", "price"),
    (r"先进|水平", "standing"),
    (r"(?:评价|鉴定|验收|评审|完成).{0,4}(?:日期|时间)", "evaluated_on"),
    (r"(?:评价|鉴定|验收|评审).{0,4}(?:单位|机构)", "evaluated_by"),
    (r"(?:评价|鉴定).{0,2}(?:方式|形式)", "evaluation"),
    (r"(?:合作|参与|协作).{0,2}(?:单位|企业)", "partner_names"),
    (r"登记.{0,3}号", "national_number"),
    (r"^(?!.*(?:类型|状态|日期|时间|数量|件数|权人)).*(?:专利|软著|知识产权|著作权)", "intellectual_property"),
    (r"成熟.{0,3}(?:[小中]试|量产|阶段)|成熟程度", "stage"),
    (r"(?:trl|就绪|成熟).{0,3}(?:级|度|level)", "maturity_level"),
    (r"阶段", "stage"),
    (r"意愿|意向转化", "willingness"),
    (r"(?:转化|合作|转让|交易|转移).{0,4}(?:方式|形式|途径|模式)", "transfer_ways"),
    (r"关键(?:词|字)|主题词", "keywords"),
    (r"简介|介绍|概述|摘要|主要内容|概况|描述", "summary"),
    (r"创新|优势|特点|亮点", "innovation"),
    (r"指标|参数", "indicators"),
    (r"局限|不适用|做不到|(?:适用|使用|应用).{0,2}(?:边界|限制)", "limits"),
    (r"应用(?:场景|领域|范围|前景)|用途", "scenario"),
    (r"效益|经济性", "economics"),
    (r"产业|领域|行业", "industry"),
    (r"学科", "discipline"),
    (r"(?:体现|表现|成果).{0,2}形式", "form"),
    (r"类别|分类", "category"),
    (r"(?:成果|项目|技术|专利).{0,6}名称?$|题目|标题", "title"),
    (r"负责人|主持人|带头人|第一完成人|发明人|牵头人", "lead_person"),
    (r"完成人|成员|团队|人员", "completers"),
    (r"单位|学校|高校|院校|机构", "institution"),
)


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, str]:
    text = Path(__file__).with_name("headers.txt").read_text(encoding="utf-8")
    lines = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {key_of(word): key for key, _colon, words in lines for word in words.split()}


@lru_cache(maxsize=4096)
def key_of(header: str) -> str:
    """The header for comparison and for remembering; "转让费/万元" and "转让费（万元）" are equal."""
    text = unicodedata.normalize("NFKC", header)
    text = re.sub(r"(?:必填|选填|可多选|多选|单选|下拉选择|请选择|限\d+字.*)[!！]?$", "", text.strip())
    text = re.sub(r"[/:：,，\s]*(?:单位[:：])?\s*(?:亿元|万元|千元|元)\s*$", "", text) or text
    return normalize_header(text)


def is_serial_header(header: str) -> bool:
    """Whether the column has row numbers or remarks, which are never imported."""
    normal = key_of(header)
    return not normal or _synonyms().get(normal) == "ignored"


def money_unit(header: str) -> str:
    """The unit of money in a header, in brackets or at its end; "" if there is none."""
    if unit := unit_of(header):
        return unit
    match = re.search(r"(亿元|万元|千元|(?<![亿万千])元)\s*[)）]?\s*$", unicodedata.normalize("NFKC", header))
    return match[1] if match else ""


class HeaderIndex:
    """Finds the column of a header. `learned`: {normalized header: column key or NOT_IMPORTED} of the office."""

    def __init__(self, columns: Iterable[Column], learned: Mapping[str, str] | None = None) -> None:
        self.columns = {column.key: column for column in columns}
        self._exact = {name: column.key for name, column in header_index(self.columns.values()).items()}
        self._learned = dict(learned or {})

    def find(self, header: str, above: str = "") -> tuple[str | None, bool]:
        """(column key, whether it is certain); (None, False) if unknown, (NOT_IMPORTED, True) for serial numbers.

        above: the header of the row above, in a header of two rows: 电话 below 联系人, 名称 below 专利.
        """
        both = f"{above}{header}" if above else header
        for text in dict.fromkeys((both, header)):
            normal = key_of(text)
            if (key := self._learned.get(normal)) is not None and (not key or key in self.columns):
                return key, True
        if _STAGES_IN_BRACKETS.search(header):
            return "stage", True
        for text in dict.fromkeys((both, header)):
            if key := self._listed(text):
                return key, True
        if is_serial_header(header):
            return NOT_IMPORTED, True
        for text in dict.fromkeys((header, both)):
            if key := self._by_rule(text):
                return key, False
        return None, False

    def _listed(self, header: str) -> str | None:
        normal = key_of(header)
        if match := _WITH_TELEPHONE.fullmatch(header.strip()):  # 负责人/电话: one column with a name and a number
            normal = key_of(match[1])
        key = self._exact.get(normal) or _synonyms().get(normal)
        if key is None and len(normal) > 3:
            bare = re.sub(
                r"^(?:请填写|填写|成果的|项目的|该成果|拟推介|推介|主要的)|(?:情况|信息|一栏|填写|说明)$", "", normal
            )
            key = self._exact.get(bare) or _synonyms().get(bare)
        return key if key in self.columns else None

    def _by_rule(self, header: str) -> str | None:
        folded = unicodedata.normalize("NFKC", header).casefold()
        if len(folded) > 40:
            return None
        return next((key for pattern, key in _RULES if key in self.columns and re.search(pattern, folded)), None)
