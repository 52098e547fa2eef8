"""A mail or a document divided into the texts of a demand."""

from matching.prose_fields import divide_prose

MAIL = """主题：焊缝检测难题求助

王工，您好！
焊缝靠人工拍片，夜班经常漏检。现有X光机两台。希望检出率99%以上。
联系人：张三 13812345678
此致
敬礼"""


def test_a_mail_is_divided_and_its_courtesies_and_contacts_are_left_out():
    fields = {name: field.text for name, field in divide_prose(MAIL).items()}
    assert fields == {
        "title": "焊缝检测难题求助",
        "problem": "焊缝靠人工拍片，夜班经常漏检。",
        "goal": "希望检出率99%以上。",
        "conditions": "现有X光机两台。",
    }


def test_headings_of_collection_sheets_decide():
    sheet = "1、需求：超级小麦育种技术。2、预期目标：3年内培育新品系。3：现有工作基础：主持过新品种。"
    fields = {name: field.text for name, field in divide_prose(sheet).items()}
    assert (fields["goal"], fields["conditions"]) == ("3年内培育新品系。", "主持过新品种。")
    assert fields["problem"].startswith("超级小麦育种技术")


def test_the_problem_is_never_empty_and_other_text_gives_nothing():
    assert divide_prose("希望找到不用酸洗的检测办法。")["problem"].text == "希望找到不用酸洗的检测办法。"
    assert divide_prose("") == {}
