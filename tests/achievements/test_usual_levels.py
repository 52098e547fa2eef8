"""行业常见水平: from the brackets of a sheet, and as a proposal from running text."""

import pytest

from achievements.models import Indicator
from achievements.usual_levels import propose_level
from taxonomy.indicators import parse_indicators


@pytest.mark.parametrize(
    ("name", "value", "unit", "text", "level"),
    [
        ("保压冷却时间", "5.5", "s", "用于B柱，保压时间由九秒缩到五秒半，硬度差在四十以内", "9 s"),
        ("一次合拢率", "93", "%", "一次合拢率由六成提高到九成三", "60%"),
        ("平均翻箱次数", "1.1", "次/箱", "平均翻箱次数从一点九降到一点一", "1.9 次/箱"),
        ("库温波动", "2", "℃", "库温波动从5 ℃收到1.8 ℃", "5℃"),
        ("成材率", "90", "%", "过去成材率不到七成，现在提高到九成", None),
        ("准时交付率", "85", "%", "准时交货由六成多到八成半", None),
        ("保压冷却时间", "5.5", "s", "换型时间由九秒缩到五秒半", None),  # another quantity
        ("保压冷却时间", "2", "s", "保压时间由九秒缩到五秒半", None),  # another result
        ("保压冷却时间", "5.5", "s", "保压时间由九秒缩到五秒半。保压时间从八秒缩到五秒半", None),  # two levels
    ],
)
def test_a_text_that_names_both_values_proposes_the_former(name, value, unit, text, level):
    proposal = propose_level(name, value, unit, [text])
    assert (proposal and proposal.text) == level
    assert proposal is None or proposal.quotation in text


def test_a_sheet_writes_the_level_in_brackets_and_reads_it_again():
    [row], rest = parse_indicators("循环寿命≥2000 次（行业常见 1200 次）", with_usual=True)
    assert (row["value"], row["today"], rest) == ("2000", "1200 次", "")
    text = Indicator(**row).sheet_text
    assert parse_indicators(text, with_usual=True)[0] == [row]
    assert parse_indicators("厚度为3 mm（室温下）", with_usual=True) == ([], "厚度为3 mm（室温下）")
