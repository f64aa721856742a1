"""A delay in the numbers that staff typed."""

from datetime import timedelta

from django import template

register = template.Library()


@register.filter
def days(delay: timedelta) -> int:
    return delay.days


@register.filter
def hours(delay: timedelta) -> int:
    return delay.seconds // 3600
