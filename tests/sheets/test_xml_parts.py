import re

import pytest

from sheets.archive import UnreadableSheet
from sheets.reading import read_workbook

from .workbooks import COLUMNS, HEADER, ROW, column_values, make_workbook, patch_archive, with_shared_strings

BILLION = b"""<!DOCTYPE sst [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>"""
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><sst><si><t>x</t></si></sst>"""


def read(data):
    return read_workbook(data, COLUMNS, filename="a.xlsx")


@pytest.mark.parametrize("attack", [BILLION, EXTERNAL])
@pytest.mark.parametrize(
    "part",
    ["xl__sharedStrings_dot_xml", "xl__workbook_dot_xml", "xl__styles_dot_xml", "xl__worksheets__sheet1_dot_xml"],
)
def test_document_types_and_entities_are_refused(attack, part):
    with pytest.raises(UnreadableSheet, match="不安全"):
        read(patch_archive(with_shared_strings(make_workbook(HEADER, ROW)), **{part: attack}))


@pytest.mark.parametrize(
    "part", ["xl__workbook_dot_xml", "xl__worksheets__sheet1_dot_xml", "xl__sharedStrings_dot_xml"]
)
def test_broken_xml_is_damage(part):
    with pytest.raises(UnreadableSheet, match="已损坏"):
        read(patch_archive(with_shared_strings(make_workbook(HEADER, ROW)), **{part: b"<a><b></a>"}))


def test_a_missing_worksheet_is_damage():
    with pytest.raises(UnreadableSheet, match="已损坏"):
        read(
            patch_archive(
                with_shared_strings(make_workbook(HEADER, ROW)),
                xl___rels__workbook_dot_xml_dot_rels=lambda old: old.replace(b"sheet1.xml", b"sheet9.xml"),
            )
        )


def test_relative_targets_and_element_prefixes_of_other_programs():
    def prefixed(old):
        old = old.replace(b"<worksheet xmlns=", b"<x:worksheet xmlns:x=").replace(b"</worksheet>", b"</x:worksheet>")
        return re.sub(rb"<(/?)(?=(sheetData|row|c|v)[ >])", rb"<\1x:", old)

    data = patch_archive(
        with_shared_strings(make_workbook(HEADER, ROW)),
        xl__worksheets__sheet1_dot_xml=prefixed,
        xl___rels__workbook_dot_xml_dot_rels=lambda old: old.replace(b'"/xl/worksheets', b'"worksheets'),
    )
    assert column_values(read(data), "title") == ["海参育种技术"]


def test_rich_text_phonetics_and_escapes():
    def rich(old):
        return old.replace(
            "<t>海参育种技术</t>".encode(),
            "<r><t>海参</t></r><r><t>育种_x000D_A_xD83D_</t></r><rPh><t>haishen</t></rPh>".encode(),
        )

    sheet = read(patch_archive(with_shared_strings(make_workbook(HEADER, ROW)), xl__sharedStrings_dot_xml=rich))
    assert column_values(sheet, "title") == ["海参育种\rA_xD83D_"]


def test_a_string_index_out_of_range_is_damage():
    with pytest.raises(UnreadableSheet, match="已损坏"):
        read(
            patch_archive(
                with_shared_strings(make_workbook(HEADER, ROW)),
                xl__sharedStrings_dot_xml=b"<sst><si><t>x</t></si></sst>",
            )
        )
