"""Headers as offices write them: which column of the collection sheet each header means."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from sheets.columns import Column, header_index, normalize_header, unit_of

NOT_IMPORTED = ""
"""Mapping value of a header whose cells are not imported."""

_SYNONYMS = """
title: 名称 成果题目 题目 项目 成果 科技成果 技术成果 课题名称 成果（项目）名称 成果标题 项目（成果）名称 专利名称 技术（成果）名称 产品名称 拟转化成果名称 可转化成果名称 成果名 项目名
institution: 单位 申报单位 推荐单位 填报单位 学校 高校 所属院校 院校 高校名称 学校名称 持有单位 成果持有单位 权属单位 成果权属单位 成果所属单位 第一单位 牵头单位 承担单位 主要完成单位 研发单位 技术持有方 所有权人 权利人 专利权人 专利权人单位 机构 所属机构 院所 完成机构 工作单位 成果拥有单位 技术供方
college: 学院 院系 所属学院 部门 所属部门 所在学院 所在部门 二级学院 学部 学院部门 二级单位 系 科室 课题组 学院单位 学院系 研究组 院系部门 团队所在学院
partner_names: 合作企业 参与单位 协作单位 其他完成单位 联合单位 合作方 参加单位 共同完成单位
lead_person: 姓名 第一发明人 发明人 主持人 项目主持人 首席 首席专家 项目负责人姓名 技术带头人 带头人 学术带头人 课题负责人 主要负责人 团队负责人 成果第一完成人 成果完成人 教师姓名 老师 负责老师 负责教师 研发负责人 成果负责人姓名 主要发明人 项目带头人 负责人信息 牵头人 第一负责人 PI 项目组长 团队带头人
completers: 主要人员 团队 团队人员 研究团队 研发团队 项目组成员 课题组成员 全部完成人 其他完成人 参与人员 参与人 主要参与人 成果完成人员 全体发明人 发明人列表 主要成员 项目团队 完成人名单 其他发明人 成员
category: 类别 类型 成果分类 科技成果类别 成果类型类别 项目类别 成果性质 科技成果类型
form: 形式 表现形式 成果表现形式 成果形态 体现方式 成果体现 成果展现形式 成果类型形式 产出形式 成果体现类型
attribute: 创新类型 创新性质 属性 创新属性 成果创新类型
industry: 行业 行业领域 行业分类 所属行业 产业链方向 所属产业方向 领域 专业领域 技术方向 技术领域分类 所在领域 产业方向 行业类别 产业类别 产业链名称 产业分类 对应产业链 服务产业 适用产业 领域分类 所属重点产业 面向产业
applied_industry: 国民经济行业 应用行业代码 国民经济行业分类 适用行业 应用的行业
discipline: 学科领域 专业 学科专业 一级学科 学科方向 学科名称
keywords: 主题词 标签 检索词 关键技术词 关键词3个 技术关键词 中文关键词
secrecy: 保密等级 保密程度 秘密等级 公开程度 公开属性 保密情况
summary: 主要内容 内容 内容简介 成果描述 技术描述 项目介绍 成果说明 项目内容 技术内容 成果主要内容 情况介绍 技术介绍 成果摘要 摘要 项目概况 概述 介绍 描述 技术原理 成果基本情况 项目简述 成果情况 成果情况简介 主要研究内容 研究内容 技术概述 项目概述 技术说明 内容摘要 成果内容简介 成果内容介绍
indicators: 指标 关键指标 核心指标 性能参数 技术参数 主要指标 主要性能指标 技术性能指标 技术经济指标 关键技术指标 主要技术参数 核心技术指标 参数 主要参数 指标参数
innovation: 创新 创新性 关键技术 核心技术 先进性 技术先进性 技术特点 技术优势 特点 优势 亮点 特色 成果特点 主要创新 创新之处 技术亮点 关键技术及创新点 核心优势 成果创新点 创新内容
scenario: 适用范围 应用方向 推广领域 应用 推广应用领域 应用行业领域 用途 适用领域 应用对象 市场应用 应用情况 应用前景分析 推广应用前景 市场前景 产业化前景 可应用领域
economics: 经济效益 效益 经济社会效益 经济效益分析 社会经济效益 预期效益 成本优势 成本对比
intellectual_property: 专利号 专利 专利/软著情况 专利软著 知识产权号 专利编号 专利信息 知识产权信息 专利名称及专利号 专利及软著 知识产权状况 授权专利 授权专利号 专利软著情况 知识产权名称及编号 专利申请号 知识产权编号 专利授权号 自主知识产权 相关专利 知识产权类型及编号 专利情况及编号 知识产权清单 专利清单 知识产权（专利号） 专利证书号 已获知识产权 专利号/软著号 软著号 软件著作权
standing: 水平 技术水平等级 评价结论 鉴定水平 成果技术水平 水平评价 先进程度 评价水平 鉴定结论 成果先进性 所处水平
evaluation: 评价形式 鉴定方式 评价类型 鉴定形式 成果评价方式
evaluated_by: 鉴定单位 评价机构名称 组织评价单位 组织鉴定单位 鉴定机构 评价组织单位 验收单位 评估机构 组织评价机构 评价单位名称
evaluated_on: 鉴定日期 鉴定时间 验收时间 验收日期 评价完成日期 评审日期 评审时间 完成时间 完成日期 评价完成时间 成果完成时间 成果评价日期 评定日期
national_number: 登记编号 成果编号 证书编号 登记证号 成果登记编号 省登记号 国家登记号 成果登记证书编号 科技成果登记编号
stage: 阶段 成熟阶段情况 所处的阶段 发展阶段 成果成熟阶段 成果所处的阶段 技术所处阶段 成果状态 研究阶段 转化阶段 进展阶段 当前阶段 目前阶段 现阶段 项目阶段 产业化阶段 开发阶段 成熟情况 成果成熟情况 所处研发阶段
maturity_scale: 标准 等级标准 成熟度评价标准 评价标准 依据标准 成熟度依据标准
maturity_level: 等级 TRL等级 成熟度（TRL） TRL级别 就绪度 技术就绪度等级 成熟度级别 技术就绪度（TRL） 成熟等级 技术成熟度（TRL） 成果成熟度 成果成熟度等级 TRL值 技术就绪水平 就绪等级
maturity_evidence: 成熟度说明 等级依据 证明材料 成熟度评价依据 成熟度佐证
transfer_ways: 转化形式 转让形式 转化途径 合作形式 拟合作形式 意向转化方式 期望合作方式 转化模式 合作模式 转移方式 拟采用转化方式 意向合作方式 交易方式 拟转化形式 成果转化方式 合作意向 转移转化方式 希望合作方式 推广方式 转化方式意向 拟转让方式 合作转化方式
price: 转让费 转让金额 许可费 费用 金额 预期价格 期望价格 意向转让价格 拟定价格 价格区间 转化金额 估值 定价 拟转化金额 参考价格 转让报价 意向金额 技术转让费 转让费用 期望价 交易价格 成果报价 预期转让价格 意向价 预估价格 拟转让价格 成果价格 售价 转化价格 价格意向 预期金额 意向交易价格 挂牌价 许可价格
pay_later: 先用后付 先用后付费 是否先使用后付费 是否支持先用后付 是否同意先使用后付费 是否接受先使用后付费 先试用后付费 先用后转 先使用后付款 是否先用后付 支持先用后付
wanted_partner: 目标企业 意向企业 期望合作企业 合作对象 对合作方的要求 拟合作企业 合作方要求 意向合作企业 希望合作企业 合作需求 对企业要求 需要的合作方
funds_needed: 投资需求 资金 融资需求 需要资金 所需投资 融资额 转化所需资金 投入资金 需求资金 所需经费 产业化资金需求
willingness: 意愿 是否有转化意愿 转化意向 是否转化 有无转化意愿 成果转化意愿 是否拟转化 是否愿意 是否可转化 转让意愿 转化状态 是否有意愿转化 是否有意转化
transferred_note: 转化情况 已转化说明 转化应用情况 已转化项目情况 转化案例 已转让情况 成果转化情况 已转化信息 转化合同情况
contact_name: 联络人 对接人 联系老师 经办人 业务联系人 项目联系人 成果联系人 对接联系人 联系人员 联系教师 对接老师 工作联系人 学校联系人
contact_phone: 手机号码 电话号码 联系手机 移动电话 办公电话 座机 联系号码 联系人手机 联系人联系方式 固定电话 固话 手机/电话 联系人手机号 移动电话号码 联系人电话号码 负责人电话 负责人手机 TEL 电话/手机 联络电话 咨询电话 手机电话 联系电话手机 联系人手机号码 联系信息
contact_email: 电子邮件 e-mail mail 邮件 邮箱地址 联系邮箱 E-mail地址 电子邮箱地址 联系人邮箱
contact_consents: 同意公开联系方式 是否同意对接 同意对接 联系方式是否公开 是否公开联系方式 联系方式可否公开 是否同意提供联系方式
non_secret: 是否涉密 涉密情况 是否涉及国家秘密 涉密 不涉密 非涉密 是否保密 是否可公开 能否公开 可否公开 可公开 是否公开 保密审查 保密审查意见 保密审查结果 涉密审查 不涉密承诺 是否不涉密 是否属于涉密 涉密与否 非密承诺 非密确认 不涉密确认 是否有涉密内容 是否通过保密审查 涉密审查结果 是否为涉密成果 涉密确认
"""
_IGNORED = "序号 编号 行号 no # 备注 备注1 备注2 说明 其他 其它 注 备考 填表人 填报人 审核人 填表日期 填报日期 填报时间 更新时间 总序号 项目序号 id"
_WITH_TELEPHONE = re.compile(r"(.*[人员师名])(?:及其?|和|与|/|、|＋|\+)\s*(?:联系)?(?:电话|手机号?|联系方式|职称)(?:号码)?")
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
    (r"(?:trl|就绪|成熟).{0,3}(?:级|度|level)", "maturity_level"),
    (r"阶段", "stage"),
    (r"意愿|意向转化", "willingness"),
    (r"(?:转化|合作|转让|交易|转移).{0,4}(?:方式|形式|途径|模式)", "transfer_ways"),
    (r"关键(?:词|字)|主题词", "keywords"),
    (r"简介|介绍|概述|摘要|主要内容|概况|描述", "summary"),
    (r"创新|优势|特点|亮点", "innovation"),
    (r"指标|参数", "indicators"),
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
    lines = (line.partition(":") for line in _SYNONYMS.strip().splitlines())
    return {key_of(word): key for key, _colon, words in lines for word in words.split()}


@lru_cache(maxsize=4096)
def key_of(header: str) -> str:
    """The header for comparison and for remembering; "转让费/万元" and "转让费（万元）" are equal."""
    text = unicodedata.normalize("NFKC", header)
    text = re.sub(r"(?:必填|选填|可多选|多选|单选|下拉选择|请选择|限\d+字.*)[!！]?$", "", text.strip())
    text = re.sub(r"[/:：,，\s]*(?:单位[:：])?\s*(?:亿元|万元|千元|元)\s*$", "", text) or text
    return normalize_header(text)


_ignored = lru_cache(maxsize=1)(lambda: frozenset(key_of(word) for word in _IGNORED.split()))


def is_serial_header(header: str) -> bool:
    """Whether the column has row numbers or remarks, which are never imported."""
    return key_of(header) in _ignored() or not key_of(header)


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
            bare = re.sub(r"^(?:请填写|填写|成果的|项目的|该成果|拟推介|推介|主要的)|(?:情况|信息|一栏|填写|说明)$", "", normal)
            key = self._exact.get(bare) or _synonyms().get(bare)
        return key if key in self.columns else None

    def _by_rule(self, header: str) -> str | None:
        folded = unicodedata.normalize("NFKC", header).casefold()
        if len(folded) > 40:
            return None
        return next((key for pattern, key in _RULES if key in self.columns and re.search(pattern, folded)), None)
