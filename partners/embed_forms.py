"""On which sites a partner wants to show what is ours."""

from django import forms
from django.utils.translation import gettext_lazy as _

from partners import embedding
from partners.models import Partner


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


class PartnerForm(forms.ModelForm):  # type: ignore[type-arg]
    """A partner as staff write it: for its sites the same rule holds as for its managers."""

    class Meta:
        model = Partner
        fields = ("embed_origins",)  # the admin adds its own

    def clean_embed_origins(self) -> str:
        return "\n".join(read(self.cleaned_data["embed_origins"]))
