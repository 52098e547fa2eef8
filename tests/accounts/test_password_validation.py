import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User


@pytest.mark.parametrize("password", ["Harbour-2026", "harbour-2026x", "HARBOUR2026-", "港口ab-C2026x"])
def test_ten_characters_of_three_classes_are_accepted(password):
    validate_password(password, User(username="someone", name="某人"))


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Ab1-efgh9", "10"),
        ("harbourharbour", "3 种"),
        ("harbour202620", "3 种"),
        ("Someone-1234", "相似"),
        ("1qaz2wsx3edc", "常见"),
    ],
)
def test_other_passwords_are_refused_with_the_reason(password, why):
    with pytest.raises(ValidationError) as error:
        validate_password(password, User(username="someone-1234", name="某人"))
    assert why in "".join(error.value.messages)
