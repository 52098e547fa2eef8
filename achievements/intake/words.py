"""Choices as people write them: synonyms, several at once, negations, remarks."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from achievements.intake.reading import CellContext, Reading, ask, propose, read, refuse
from sheets.cells import CellProblem, Formula, RawCell, as_text, fold, normalize_text

_NEGATIONS = re.compile(r"(?:不|未|非|无|没有?|尚未|还未|暂不|暂无|拒绝|除)$")
_REMARK = re.compile(r"[(（\[【].*?[)）\]】]")

WORDS: dict[str, dict[str, str]] = {
    "stage": {
        "early": "实验室研究 实验室研发 实验室小试 实验室样品 实验室样机 小试 小试完成 概念验证 原理验证 原理样机 理论研究 基础研究 研究阶段 研发中 在研 研制 研制阶段 研发 正在研发 处于研发 试验阶段 实验阶段 初级阶段 起步阶段 初试 技术开发 方案设计",
        "middle": "中试 中试放大 中试完成 已完成中试 中间试验 小批量试制 小批量生产 小批量试产 小批试制 工程化 工程样机 工程化阶段 样机 样品 试制 试用 试点应用 现场试验 中期",
        "mature": "已产业化 产业化 产业化应用 规模化 规模化生产 规模化应用 批量生产 批产 量产 已量产 成熟 成熟期 成熟技术 技术成熟 已上市 已投产 投产 推广应用 推广 已推广 推广期 示范应用 工程示范 示范推广 工程应用 商业化 成熟应用 已应用 已在企业应用 市场化",
    },
    "willingness": {
        "willing": "可转化 可以转化 愿转化 拟转化 有意愿 有意向 有转化意向 有转化意愿 转化意向 意向 意愿强 强烈 可转让 愿意转让 愿意合作 积极 转化中 正在洽谈 洽谈中 待转化 希望转化 同意转化 可合作 愿意",
        "unwilling": "无意愿 暂不转化 不转化 暂不考虑 不考虑 暂缓 不愿意 没有意愿 不打算 不同意",
        "done": "已经转化 已转让 已许可 已作价入股 转化完成 已完成转化 已签约 已签合同 已实施转化 已转化",
    },
    "category": {
        "applied": "应用技术 应用研究 应用类 应用型 技术开发类 应用",
        "basic": "基础理论 基础研究 基础类 理论研究 理论类",
        "soft_science": "软科学 软课题 政策研究 决策咨询",
    },
    "form": {
        "technology": "新技术 新方法 方法 技术 算法 模型 系统平台 软件系统 软件 平台 系统",
        "process": "新工艺 工艺流程 工艺包 工艺 制备方法",
        "product": "新产品 产品 样品 器件 部件",
        "material": "新材料 材料",
        "equipment": "新装备 装备 设备 仪器 装置 机器 样机",
        "medicine": "新药 药物 生物医药 医疗器械 医药",
        "agriculture": "农业新品种 植物品种 动物品种 水产新品种 新品种 品种",
        "mineral": "矿产",
        "standard": "技术标准 国家标准 行业标准 团体标准 标准 规范",
        "other": "论文 专著 报告",
    },
    "attribute": {
        "original": "原始创新 原始性创新 原创 自主创新 自主研发",
        "absorbed": "引进消化吸收 消化吸收 引进消化吸收再创新 引进",
        "secondary": "二次开发 集成创新 国内技术二次开发",
    },
    "standing": {
        "world_leading": "国际领先 世界领先 国际一流 全球领先",
        "world_advanced": "国际先进 世界先进 国际水平",
        "national_leading": "国内领先 全国领先 国内一流",
        "national_advanced": "国内先进 全国先进",
        "national_common": "国内一般 一般 国内水平",
        "not_evaluated": "未评价 未鉴定 未评 无评价 没有评价 未作评价 暂未评价 待评价 未做评价",
    },
    "evaluation": {
        "appraisal": "鉴定 成果鉴定 专家鉴定 会议鉴定 技术鉴定 函审鉴定",
        "acceptance": "验收 项目验收 课题验收",
        "conclusion": "结题 结项 课题结题",
        "review": "评审 专家评审 成果评价 会议评价 评价会",
        "assessment": "第三方评估 第三方评价 机构评价 评估",
        "admission": "行业准入 准入 注册证 许可证",
        "testing": "检测 检验 测试 检测报告 第三方检测 查新",
    },
    "maturity_scale": {
        "trl9": "trl 技术就绪 九级 9级",
        "gbt37264": "37264 新材料技术成熟度",
        "gbt22900_13": "22900 十三级 13级 创新度",
    },
    "transfer_ways": {
        "assignment": "技术转让 专利转让 专利权转让 转让 出让 买断 出售",
        "licence": "技术许可 独占许可 排他许可 普通许可 开放许可 专利许可 许可使用 许可 授权使用",
        "joint_development": "合作开发 合作研发 联合开发 联合研发 产学研合作 合作转化 共同开发 合作实施 合作生产 合作",
        "commissioned": "委托开发 委托研发 委托研究 委托",
        "equity": "作价入股 作价投资 技术入股 专利入股 知识产权入股 入股 参股 股权合作 合资",
        "service": "技术服务 技术咨询 咨询服务 技术咨询与服务 咨询 服务 技术指导",
        "own_investment": "自行实施 自行转化 自行投资 自主转化 自主产业化 自己转化 创办企业 创业",
        "other": "其他方式 其他 均可 都可以 不限 面议 协商 灵活 另议 多种方式",
    },
}
"""Further wordings of each choice, found also inside longer texts."""

INDUSTRY_WORDS: dict[str, str] = {
    "petrochemicals": "石油化工 精细化工 催化剂 催化 化学工业 化学品 炼化 化工",
    "materials": "新型材料 先进材料 复合材料 纳米材料 金属材料 高分子材料 高分子 碳纤维 材料",
    "equipment": "智能装备 装备制造 装备制造业 先进制造 机械制造 机械 机器人 工业母机 机床 自动化 仪器仪表 制造业",
    "marine": "船舶 海洋工程 海工装备 造船 航运 海洋装备 水下",
    "rail": "轨道交通 铁路 机车 高铁 地铁",
    "automotive": "汽车 新能源汽车 汽车零部件 智能网联 车辆",
    "energy": "氢能 燃料电池 储能 新能源 清洁能源 锂电池 电池 光伏 风电 核能 核电 能源",
    "software": "人工智能 大数据 信息技术 软件 物联网 云计算 区块链 数字经济 电子信息 通信 5g 计算机 工业互联网 数字化",
    "semiconductors": "集成电路 半导体 芯片 微电子 光电子",
    "health": "生物医药 生命健康 医疗器械 医药 医疗 健康 生物技术 制药 药物 中药",
    "seafood": "海洋食品 海洋牧场 水产 食品 水产养殖 海洋生物 预制菜 渔业 海参",
    "environment": "节能环保 环保 环境保护 污水处理 水处理 节能 农业 现代农业 固废 生态 大气治理",
}
"""Words of industries, by slug."""
_INDUSTRY_ENDS = re.compile(r"(?:产业链|产业集群|产业|行业|领域|方向|类)$")


def words_in(text: str, wordings: Mapping[str, Any]) -> list[tuple[Any, bool]]:
    """[(value, negated)] of the wordings inside folded `text`, longest first, without overlaps, in the text's order."""
    taken: list[tuple[int, int, Any]] = []
    for word in sorted(wordings, key=len, reverse=True):
        if len(word) < 2:
            continue
        for match in re.finditer(re.escape(word), text):
            if all(match.end() <= start or match.start() >= end for start, end, _value in taken):
                taken.append((match.start(), match.end(), wordings[word]))
    return [(value, bool(_NEGATIONS.search(text[:start]))) for start, _end, value in sorted(taken, key=lambda t: t[:2])]


def wordings_of(key: str, parse: Any) -> dict[str, Any]:
    """{folded wording: value} of the column's labels, synonyms and further words."""
    known = {fold(_REMARK.sub("", str(label))): value for value, label in parse.options.items()}
    known |= {fold(word): value for word, value in parse.synonyms.items()}
    more = {fold(word): value for value, words in WORDS.get(key, {}).items() for word in words.split()}
    return known | more


def choice_reader(key: str, *, takes_first: bool = False) -> Callable[[RawCell, CellContext], Reading]:
    """Reader of one choice. takes_first: of several the first is proposed, otherwise it is asked which."""

    def reader(value: RawCell, context: CellContext) -> Reading:
        try:
            chosen = context.parse(value)
        except CellProblem as problem:
            return _one(value, context, key, str(problem), takes_first)
        return _remark_says_otherwise(value, chosen, context, key) or read(chosen)

    return reader


def _remark_says_otherwise(value: RawCell, chosen: Any, context: CellContext, key: str) -> Reading | None:
    """A question if a remark in brackets names another choice: 初期阶段（已完成中试）."""
    text = fold(as_text(value))
    remarks = "".join(_REMARK.findall(text))
    labels = context.parse.options
    if not remarks or text == fold(str(labels[chosen])) or text in {fold(word) for word in context.parse.synonyms}:
        return None
    others = dict.fromkeys(value for value, _negated in words_in(remarks, wordings_of(key, context.parse)))
    others.pop(chosen, None)
    if not others:
        return None
    return ask(chosen, f"括号里另有说法，是“{labels[chosen]}”吗？", f"word:{text[:60]}", options=tuple(others))


def _one(value: RawCell, context: CellContext, key: str, problem: str, takes_first: bool) -> Reading:
    if isinstance(value, Formula):
        return refuse(problem)
    text = fold(normalize_text(value))
    labels = context.parse.options
    wordings = wordings_of(key, context.parse)
    pattern = f"word:{text[:60]}"
    whole = wordings.get(text) or wordings.get(fold(_REMARK.sub("", text)))
    if whole is not None:
        return propose(whole, f"按“{labels[whole]}”记录", pattern)
    hits = words_in(text, wordings)
    values = list(dict.fromkeys(value for value, negated in hits if not negated))
    if any(negated for _value, negated in hits):
        return ask(None, f"“{text[:20]}”里有否定的说法，请选择一项", pattern, options=tuple(values))
    if len(values) == 1:
        return propose(values[0], f"按“{labels[values[0]]}”记录", pattern)
    if values and takes_first:
        rest = "、".join(str(labels[value]) for value in values[1:])
        return propose(values[0], f"只能选一项，取“{labels[values[0]]}”（另有“{rest}”）", pattern)
    if values:
        names = "还是".join(f"“{labels[value]}”" for value in values)
        return ask(values[0], f"只能选一项，是{names}？", pattern, options=tuple(values[1:]))
    return refuse(problem, pattern)


def read_stage(value: RawCell, context: CellContext) -> Reading:
    """所处阶段; TRL6 and other levels are read by the stage that they belong to."""
    text = fold(as_text(value)) if not isinstance(value, Formula) else ""
    if match := re.fullmatch(r"(?:trl|技术就绪度|成熟度|第)?[-:]?(\d)级?", text):
        stage = "early" if int(match[1]) <= 5 else "middle" if int(match[1]) <= 7 else "mature"
        return propose(stage, f"写的是等级 {match[1]}，按“{context.parse.options[stage]}”记录", f"word:{text}")
    if text in {"试生产", "试产", "试运行", "示范", "示范工程"}:
        return ask("middle", "可以是“中期阶段（中试）”，也可以是“成熟应用阶段”", f"word:{text}", options=("mature",))
    return choice_reader("stage")(value, context)


def read_ways(value: RawCell, context: CellContext) -> Reading:
    try:
        return read(context.parse(value))
    except CellProblem as problem:
        text = fold(as_text(value)[:400]) if not isinstance(value, Formula) else ""
        hits = words_in(text, wordings_of("transfer_ways", context.parse))
        values = tuple(dict.fromkeys(value for value, negated in hits if not negated))
        if not hits:
            return refuse(str(problem), f"word:{text[:60]}")
        if any(negated for _value, negated in hits):
            return ask(values, "里面有否定的说法，请核对", f"word:{text[:60]}")
        names = "、".join(str(context.parse.options[value]) for value in values)
        if len(values) > 1 and "other" in values:
            values = tuple(value for value in values if value != "other")
            names = "、".join(str(context.parse.options[value]) for value in values)
        return propose(values, f"按“{names}”记录", f"word:{text[:60]}")


def read_industry(value: RawCell, context: CellContext) -> Reading:
    try:
        return read(context.parse(value))
    except CellProblem as problem:
        text = fold(normalize_text(value)) if not isinstance(value, Formula) else ""
        bare = _INDUSTRY_ENDS.sub("", text)
        labels = context.parse.options
        slugs = context.sheet.industries if context.sheet else {}
        wordings = {fold(str(label)): pk for pk, label in labels.items()}
        wordings |= {fold(word): pk for word, pk in context.parse.synonyms.items()}
        by_slug = {slug: pk for pk, slug in slugs.items()}
        for slug, words in INDUSTRY_WORDS.items():
            if slug in by_slug:
                wordings = {fold(word): by_slug[slug] for word in words.split()} | wordings
        pattern = f"word:{text[:60]}"
        if bare in wordings:
            return propose(wordings[bare], f"按“{labels[wordings[bare]]}”记录", pattern)
        values = list(dict.fromkeys(value for value, negated in words_in(text, wordings) if not negated))
        if len(values) == 1:
            return propose(values[0], f"按“{labels[values[0]]}”记录", pattern)
        if values:
            names = "、".join(f"“{labels[value]}”" for value in values)
            return ask(values[0], f"只能选一个产业，可以是{names}", pattern, options=tuple(values[1:]))
        return refuse(str(problem), pattern)
