"""Template tag for the note above every list of matches."""

from django import template

from matching.learning import level_precision

register = template.Library()


@register.simple_tag
def levels_sentence() -> str:
    """系统推荐，仅供参考, and what the levels 高 and 候选 have meant so far."""
    return level_precision.levels_sentence()
