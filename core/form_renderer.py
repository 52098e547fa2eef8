"""How forms are rendered: templates of the project, and fields that a screen reader does not call wrong too early."""

from typing import Any

from django.forms import BoundField, Widget
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString

DASHES, CHOOSE = ">---------<", ">请选择<"
"""Django's blank choice, of which a screen reader says nine dashes."""


class SpokenBoundField(BoundField):
    """Without `aria-invalid` browsers say of a required list or tick box that it is invalid before it was touched."""

    def as_widget(self, *args: Any, **kwargs: Any) -> SafeString:
        return SafeString(super().as_widget(*args, **kwargs).replace(DASHES, CHOOSE))

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        if attrs.get("required"):
            attrs.setdefault("aria-invalid", "false")
        return attrs


class FormRenderer(TemplatesSetting):
    bound_field_class = SpokenBoundField
