"""What an office is called: the portal's pages know only the value that a credit carries."""

from django import template

from candidates.models.candidates import Office

register = template.Library()


@register.filter
def office_name(value: str) -> str:
    """Return the name of a kind of office; a value of no list, as it is."""
    return str(dict(Office.choices).get(value, value))
