from django.urls import register_converter

from core.public_id import PATTERN


class PublicIdConverter:
    """An identifier of `new_public_id`; other text does not match the route."""

    regex = PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PublicIdConverter, "public_id")
