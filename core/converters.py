from django.urls import register_converter

from core.public_id import ALPHABET


class PublicIdConverter:
    """A ten-character identifier as `new_public_id` makes it; any other text does not match the route."""

    regex = f"[{ALPHABET}]{{10}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PublicIdConverter, "public_id")
