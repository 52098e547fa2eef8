import pytest

from core.confidentiality import find_secrecy_marking


@pytest.mark.parametrize(
    "text", ["机密★10年", "绝 密 ☆", "密级：秘密", "密级为机密", "（秘密）", "【绝密级】", "本项目为机密级", " 秘密 "]
)
def test_secrecy_markings_are_recognised(text):
    assert find_secrecy_marking(text)


@pytest.mark.parametrize(
    "text", ["", "技术秘密", "基于秘密共享的方案", "商业秘密保护", "机密计算", "密级：公开", "加密"]
)
def test_ordinary_words_are_no_marking(text):
    assert find_secrecy_marking(text) == ""
