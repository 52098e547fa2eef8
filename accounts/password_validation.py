from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError

CLASSES = (str.islower, str.isupper, str.isdigit, lambda character: not character.isalnum())


class CharacterClassesValidator:
    """Require at least `classes` of: lower case letters, upper case letters, digits, symbols."""

    def __init__(self, classes: int = 3) -> None:
        self.classes = classes

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        present = sum(any(is_of(character) for character in password) for is_of in CLASSES)
        if present < self.classes:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        return "密码须包含小写字母、大写字母、数字、符号中的至少 %(classes)s 种。" % {"classes": self.classes}
