"""Template tag for the note above every list of matches."""

from django import template

from matching.learning import level_precision

register = template.Library()


@register.simple_tag
def levels_sentence() -> str:
    """系统推荐，仅供参考, and what the levels 高, 中, 低 have meant so far, or that they are not calibrated."""
    return level_precision.levels_sentence()
