"""What staff say of a milestone: until it is reached, and nothing after that."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.models import Milestone

SAID = ("scope", "partner", "target")


class MilestoneForm(forms.ModelForm):  # type: ignore[type-arg]
    """Shows a milestone that was reached, and takes no change of it: it is history."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.reached_at:
            for name in SAID:
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        if self.instance.reached_at and any(map(self._is_sent_otherwise, SAID)):
            words = _("%(milestone)s was reached meanwhile: it is history, and stays as it was.")
            milestone = Milestone.objects.get(pk=self.instance.pk)
            self.add_error(None, words % {"milestone": milestone})
        return given

    def _is_sent_otherwise(self, name: str) -> bool:
        """Browsers send nothing of a field that can't be changed; who had it open before, do."""
        was = self.get_initial_for_field(self.fields[name], name)
        key = self.add_prefix(name)
        return key in self.data and str(self.data[key]) != str("" if was is None else was)
