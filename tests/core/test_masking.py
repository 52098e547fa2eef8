import pytest

from core.masking import mask_email, mask_name, mask_phone


@pytest.mark.parametrize(("name", "masked"), [("演示员", "演**"), ("演", "演*"), ("欧阳示例", "欧***"), ("", "")])
def test_mask_name(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"), [("13800001234", "138****1234"), ("0411-8470", "041****8470"), ("84700", "****"), ("", "")]
)
def test_mask_phone(phone, masked):
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(("email", "masked"), [("demo@example.com", "d***@example.com"), ("broken", ""), ("", "")])
def test_mask_email(email, masked):
    assert mask_email(email) == masked
