"""Load a city package: read its files, check them, report all problems at once."""

import re
from collections.abc import Iterable
from pathlib import Path

from cities.city import ChainLinkRow, City, HolidayRow, IndustryRow, RegionRow, TargetRow, TaskRow
from cities.reading import Problems, Row, Table, read_rows, read_text, refuse_doubles

PACKAGES = Path(__file__).resolve().parent
SETTINGS = frozenset(
    {
        *("JOIN_WAIT_DAYS", "DATA_REQUEST_DAYS", "ANSWER_DAYS", "ANSWER_REMIND_DAYS"),
        *("APPROACH_ANSWER_WORKDAYS", "APPROACH_REMIND_WORKDAYS", "APPROACH_CITY_WORKDAYS"),
        *("GUEST_REMIND_DAYS", "CHECK_REMIND_DAYS", "REVIEW_WORKDAYS", "EXPLANATION_WORKDAYS"),
        *("ANONYMITY_FIRMS", "DISCLOSURE_FIRMS", "NOTICE_MAIL_HOUR"),
    }
)
"""Settings for which a package may name the default of its city; the environment still overrides it."""
LEAST = {"ANONYMITY_FIRMS": 5, "DISCLOSURE_FIRMS": 5, "NOTICE_MAIL_HOUR": 0}
"""A city may protect more than others, but not less than this."""
LARGEST_MAP = 9
"""Rows and columns of the schematic map of the districts."""
CATEGORIES = ("basic", "applied", "soft_science")
REASONS = {"match_rejection": ("field", "indicator", "too_early", "price", "has_supplier", "other")}
"""{kind of reason: its codes}. A city may word them; the codes are what the engine learns from."""
TEXTS = frozenset(
    {
        *("home_title", "home_lead", "home_examples", "home_join_title", "home_join_text", "no_rounds"),
        "mail_ending",
    }
)
"""Texts of home page and mails that a city may word itself. Whole pages: a template of the same path in templates/."""
SLUG = r"[a-z0-9][a-z0-9-]*"
_BARE = re.compile(r"^(.{2,})(?:新区|区|市|县|旗)$")


class CityError(Exception):
    """A package cannot be used. The text lists every problem in words for its editor."""


def find_package(name: str | Path) -> Path:
    """The folder of a package: a path, or the name of one that comes with the product. CityError if there is none."""
    for folder in (Path(name), PACKAGES / str(name)):
        if (folder / "city.toml").is_file():
            return folder.resolve()
    raise CityError(f"没有找到城市包“{name}”：里面应有 city.toml。请核对目录，或照 {PACKAGES / 'dalian'} 建一个。")


def load_city(name: str | Path) -> City:
    """The city of a package, by path or name. CityError with all problems."""
    folder = find_package(name)
    problems = Problems()
    city = _read(folder, problems)
    if problems:
        lines = "\n".join(f"  · {text}" for text in problems)
        raise CityError(f"城市包 {folder} 有 {len(problems)} 处要改：\n{lines}")
    return city


def _read(folder: Path, problems: Problems) -> City:
    main = Table.read(folder / "city.toml", problems)
    head, site, tasks = main.table("city"), main.table("site"), main.table("tasks")
    name = head.text("name", pattern=".+(市|州|盟|地区)", hint="请写全称，例如“海滨市”。", longest=20)
    short_name = head.text("short_name", hint="请写不带“市”的名称，例如“海滨”。", longest=20)
    province = head.text("province", hint="请写全称，例如“海东省”；直辖市写市名。", longest=20)
    regions, industries = _regions(folder, problems), _industries(folder, problems)
    words = Table.read(folder / "words.toml", problems)
    texts = Table.read(folder / "texts.toml", problems)
    reasons = texts.table("reasons")
    city = City(
        folder=folder,
        key=head.text("key", pattern=SLUG, hint="请用小写字母，例如 haibin。", longest=30),
        name=name,
        short_name=short_name,
        province=province,
        area_code=str(head.text("area_code", pattern="[1-8][0-9]{5}", hint="请写 GB/T 2260 的 6 位代码。")),
        telephone_code=str(head.text("telephone_code", pattern="0[1-9][0-9]{1,2}", hint="请写区号，例如 0411。")),
        registry_prefix=head.text(
            "registry_prefix", pattern="[A-Z][A-Z0-9]{0,5}", hint="请用 1 至 6 个大写字母或数字，字母开头。"
        ),
        in_city=head.text("in_city", hint="工作人员怎样说“在本市”，例如“在滨”。", longest=6),
        site_name=site.text("name", required=False) or f"{name}科技成果转化对接平台",
        site_short_name=site.text("short_name", required=False) or f"{short_name}科技成果对接",
        regions=regions,
        industries=industries,
        chain_links=_chain_links(folder, industries, problems),
        tasks_title=tasks.text("title", required=False, longest=20) or "重点任务",
        tasks=_tasks(folder, problems),
        targets=_targets(folder, problems),
        holidays=_holidays(folder, problems),
        places=_places(name, short_name, province, regions, words.words("places")),
        trade_words=words.words("trade_words"),
        ordinary_words=words.words("ordinary_words"),
        stop_words=words.words("stop_words"),
        institution_names=_institution_names(folder, problems),
        evaluation_weights=_weights(main.table("evaluation_weights")),
        settings=_settings(main.table("settings")),
        texts=_texts(texts.table("texts"), TEXTS),
        reasons={kind: _texts(reasons.table(kind), codes) for kind, codes in REASONS.items()},
        examples={
            key: main.table("examples").text(key, required=False)
            for key in ("region", "region_short", "institution", "firm")
        },
        demo_folder=_demo_folder(folder, main.table("demo")),
    )
    for table in (main, head, site, tasks, words, texts, reasons):
        table.refuse_unknown()
    return city


def _regions(folder: Path, problems: Problems) -> tuple[RegionRow, ...]:
    rows = read_rows(folder / "regions.csv", ("代码", "名称", "别名", "行政区划", "统计单位"), problems)
    refuse_doubles(rows, "代码")
    refuse_doubles(rows, "名称")
    advice = "行政区划写 6 位代码；功能区没有国家代码，用小写拼音。"
    regions = tuple(
        RegionRow(
            row.text("代码", longest=50, pattern=SLUG, advice=advice),
            row.text("名称", longest=30),
            row.text("别名", longest=200, required=False),
            row.flag("行政区划"),
            row.flag("统计单位"),
            row.text("图上名称", longest=6, required=False),
            row.number("图上第几行", largest=LARGEST_MAP, required=False),
            row.number("图上第几列", largest=LARGEST_MAP, required=False),
        )
        for row in rows
    )
    _check_map(rows, regions)
    if not any(region.is_reporting for region in regions) and not any("regions.csv" in text for text in problems):
        problems.append("regions.csv 里没有统计单位。请把每个区市县写成一行，“统计单位”写“是”。")
    return regions


def _check_map(rows: list[Row], regions: tuple[RegionRow, ...]) -> None:
    """Row and column stand together, and no two tiles in one place."""
    taken: set[tuple[int, int]] = set()
    for row, region in zip(rows, regions, strict=True):
        place = (region.map_row, region.map_column)
        if bool(place[0]) != bool(place[1]):
            row.problem("图上第几列", "“图上第几行”和“图上第几列”要一起填，或者都不填。")
        elif all(place) and place in taken:
            row.problem("图上第几列", "示意图上这一格已经有别的区市县，请换一格。")
        taken.add(place)


def _chain_links(folder: Path, industries: tuple[IndustryRow, ...], problems: Problems) -> tuple[ChainLinkRow, ...]:
    rows = read_rows(folder / "industry_chains.csv", ("产业链代码", "环节", "关键词"), problems)
    slugs = {industry.slug for industry in industries}
    links: list[ChainLinkRow] = []
    for row in rows:
        industry, name = row.text("产业链代码", longest=50), row.text("环节", longest=12)
        if industry and industry not in slugs:
            row.problem("产业链代码", "industries.csv 里没有这个代码，请核对。")
        if any((link.industry, link.name) == (industry, name) for link in links):
            row.problem("环节", "这条产业链上面已有同名的环节，请删去一行。")
        words = tuple(word for word in re.split("[、,，;；\\s]+", row.text("关键词", longest=1000)) if word)
        links.append(ChainLinkRow(industry, name, words))
    return tuple(links)


def _industries(folder: Path, problems: Problems) -> tuple[IndustryRow, ...]:
    rows = read_rows(folder / "industries.csv", ("代码", "名称", "别名"), problems)
    refuse_doubles(rows, "代码")
    refuse_doubles(rows, "名称")
    if not rows and not any("industries.csv" in text for text in problems):
        problems.append("industries.csv 里没有产业链。请每条产业链写一行：代码、名称、别名。")
    return tuple(
        IndustryRow(
            row.text("代码", longest=50, pattern=SLUG, advice="请用小写字母，例如 new-energy。"),
            row.text("名称", longest=50),
            row.text("别名", longest=500, required=False),
            row.text("技术领域", longest=30, required=False),
        )
        for row in rows
    )


def _tasks(folder: Path, problems: Problems) -> tuple[TaskRow, ...]:
    rows = read_rows(folder / "tasks.csv", ("序号", "任务", "目标", "指标"), problems)
    refuse_doubles(rows, "序号")
    refuse_doubles(rows, "任务")
    return tuple(
        TaskRow(
            row.number("序号", largest=99),
            row.text("任务", longest=60),
            row.text("目标", longest=1000, required=False),
            tuple(key.strip() for key in re.split("[、;；]", row.values["指标"]) if key.strip()),
        )
        for row in rows
    )


def _targets(folder: Path, problems: Problems) -> tuple[TargetRow, ...]:
    rows = read_rows(folder / "targets.csv", ("指标", "年度", "目标值", "须超过", "依据", "有效期从", "到"), problems)
    targets: list[TargetRow] = []
    for row in rows:
        first, last = row.day("有效期从"), row.day("到", required=False)
        assert first is not None
        if last and last < first:
            row.problem("到", "有效期的结束不能早于开始。")
        figure, year = row.text("指标", longest=20), row.number("年度", smallest=2000, largest=2100)
        if any((target.figure, target.year) == (figure, year) for target in targets):
            row.problem("指标", "上面已有这个指标这一年的目标，请删去一行。")
        source = row.text("依据", longest=200)
        targets.append(TargetRow(figure, year, row.decimal("目标值"), row.flag("须超过"), source, first, last))
    return tuple(targets)


def _holidays(folder: Path, problems: Problems) -> tuple[HolidayRow, ...]:
    rows = read_rows(folder / "holidays.csv", ("日期", "名称", "上班"), problems)
    refuse_doubles(rows, "日期")
    days = ((row.day("日期"), row.text("名称", longest=30), row.flag("上班")) for row in rows)
    return tuple(HolidayRow(day, name, works) for day, name, works in days if day)


def _places(
    name: str, short_name: str, province: str, regions: Iterable[RegionRow], listed: tuple[str, ...]
) -> tuple[str, ...]:
    """The listed words, the city, the province and the full names of the regions, longest first.

    Without a list also the regions without their ending. With one the editor decides: where 中山 is the beginning of
    trade names too, it stays in the name.
    """
    provinces = re.sub("(壮族|回族|维吾尔)?自治区$|省$|市$", "", province)
    words = {name, short_name, province, provinces, *listed, *(region.name for region in regions)}
    if not listed:
        words |= {match.group(1) for region in regions if (match := _BARE.match(region.name))}
    return tuple(sorted(words - {""}, key=lambda word: (-len(word), word)))


def _institution_names(folder: Path, problems: Problems) -> dict[str, tuple[str, ...]]:
    """Lines `part of the full name > short names`; lines that begin with # are comments."""
    names: dict[str, tuple[str, ...]] = {}
    text = read_text(folder / "institution_names.txt", problems)
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        full, separator, short = line.partition(">")
        if not separator or not full.strip() or not short.split():
            problems.append(f"institution_names.txt 第 {number} 行应写成“单位全称 > 简称 简称”，现在是“{line}”。")
            continue
        names[full.strip()] = tuple(short.split())
    return names


def _weights(table: Table) -> dict[str, tuple[int, ...]]:
    weights = {}
    for category in CATEGORIES:
        table.known.add(category)
        values = table.values.get(category)
        if values is None:
            continue
        is_list = isinstance(values, list) and len(values) == 5 and all(type(value) is int for value in values)
        if not is_list or min(values) < 0 or sum(values) != 100:
            table.problems.append(f"{table.path} 的“{category}”应是五个整数，合计 100，例如 [15, 35, 35, 10, 5]。")
            continue
        weights[category] = tuple(values)
    table.refuse_unknown()
    return weights


def _demo_folder(folder: Path, table: Table) -> Path | None:
    path = table.text("folder", required=False, longest=200)
    table.refuse_unknown()
    if not path:
        return None
    if not (folder / path / "people.jsonl").is_file():
        table.problems.append(f"{table.path} 的“folder”写成了“{path}”，那里没有演示数据。没有演示数据就删去这一行。")
    return (folder / path).resolve()


def _texts(table: Table, keys: Iterable[str]) -> dict[str, str]:
    table.known |= set(keys)
    table.refuse_unknown()
    return table.texts()


def _settings(table: Table) -> dict[str, int]:
    table.known |= SETTINGS
    table.refuse_unknown()
    values = {}
    for name in SETTINGS & set(table.values):
        value, least = table.values[name], LEAST.get(name, 1)
        if type(value) is not int or not least <= value <= 365:
            table.problems.append(f"{table.path} 的“{name}”写成了“{value}”。请写 {least} 至 365 的整数。")
            continue
        values[name] = value
    return values


__all__ = ["SETTINGS", "CityError", "Row", "find_package", "load_city"]
