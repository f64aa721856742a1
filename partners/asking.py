"""Forms that ask once more before they do what can't be undone."""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

BOX = "sure"


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody has to say yes to: `answer` is all of it, so that it is no yes to another."""

    warning: str
    answer: str
    is_answered: bool


class AskingForm(forms.ModelForm):  # type: ignore[type-arg]
    """Is valid only when the box of each of its questions is ticked; templates/admin/_sure.html."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions: list[Question] = []

    def ask(self, *, warning: str, answer: str) -> None:
        """Refuse with the warning, until this answer comes with the form."""
        question = Question(warning, answer, answer in cast("QueryDict", self.data).getlist(BOX))
        self.questions.append(question)
        if not question.is_answered:
            self.add_error(None, _("This needs your yes, at the top of the page."))
