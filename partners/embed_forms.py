"""On which sites a partner wants to show what is ours."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners import embedding


def read(text: str) -> list[str]:
    """Return the sites that somebody typed, one on each line. Raises ValidationError in words."""
    try:
        origins = embedding.origins(text)
    except embedding.UnusableOrigin as unusable:
        raise forms.ValidationError(
            _("“%(line)s” is not the address of one site. Write it like https://example.org."),
            params={"line": unusable.line.strip()},
        ) from unusable
    if len(origins) > embedding.MOST_ORIGINS:
        raise forms.ValidationError(
            _("At most %(most)d sites. Write to us if you need more."),
            params={"most": embedding.MOST_ORIGINS},
        )
    return origins


class OriginsForm(forms.Form):
    """On which sites a partner's form and count may be shown."""

    origins = forms.CharField(
        label=_("Your sites, one on each line"),
        help_text=_("Like https://www.example.org. Each subdomain is a site of its own."),
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false", "autocapitalize": "none"}),
    )

    def clean_origins(self) -> list[str]:
        return read(self.cleaned_data["origins"])


class SitesField(forms.CharField):
    """The sites of a partner where staff write them: the rule that its managers have."""

    def clean(self, value: Any) -> str:
        return "\n".join(read(super().clean(value)))
