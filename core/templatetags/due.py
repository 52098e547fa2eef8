"""Days until which somebody has to act: told as passed once they have passed."""

from django import template

from core import due_days

register = template.Library()
register.filter("due_by", due_days.due_by)
register.filter("please_by", due_days.please_by)
