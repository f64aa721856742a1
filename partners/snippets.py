"""The lines that a partner pastes into a page of its own."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

# Enough for most of it on a phone: without the script the frame can't learn its height.
FORM_HEIGHT, THERMOMETER_HEIGHT = 900, 320
BADGE_WIDTH, BADGE_HEIGHT = 320, 76


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be embedded: the form or the count, in which language, credited to which link."""

    code: str
    label: str
    is_thermometer: bool = False
    is_spanish: bool = False

    @property
    def script_line(self) -> SafeString:
        """Return the line with a script: the frame becomes as high as what is in it."""
        options = format_html(' data-link="{}"', self.code)
        if self.is_thermometer:
            options += format_html(' data-show="{}"', "thermometer")
        if self.is_spanish:
            options += format_html(' data-lang="{}"', "es")
        address = settings.BASE_URL + reverse("machines:embed-script")
        return format_html('<script src="{}"{} async></script>', address, options)

    @property
    def frame_line(self) -> SafeString:
        """Return the line for sites that allow no script of others: the frame scrolls."""
        return format_html(
            '<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy"'
            ' style="border:0;max-width:42rem"></iframe>',
            self.address,
            self.title,
            self.height,
        )

    @property
    def badge_address(self) -> str:
        """Return the address of the badge with this partner's name."""
        language = "?lang=es" if self.is_spanish else ""
        return f"{reverse('machines:partner-badge', args=[self.code])}{language}"

    @property
    def badge_line(self) -> SafeString:
        """Return the line for any page that takes a picture: it leads to the form."""
        return format_html(
            '<a href="{}"><img src="{}" alt="{}" width="{}" height="{}"></a>',
            settings.BASE_URL + reverse("machines:redirect", args=[self.code]),
            settings.BASE_URL + self.badge_address,
            self.form_title,
            BADGE_WIDTH,
            BADGE_HEIGHT,
        )

    @property
    def form_title(self) -> str:
        with translation.override("es" if self.is_spanish else "en"):
            return gettext("Raise your hand to run for office")

    @property
    def address(self) -> str:
        with translation.override("es" if self.is_spanish else "en"):
            path = reverse(
                "partners:embed-thermometer" if self.is_thermometer else "candidates:embed",
                args=[self.code],
            )
        return f"{settings.BASE_URL}{path}"

    @property
    def title(self) -> str:
        """Return how a screen reader names the frame, in the language of what is in it."""
        with translation.override("es" if self.is_spanish else "en"):
            if self.is_thermometer:
                return gettext("How many raised their hands to run for office")
        return self.form_title

    @property
    def height(self) -> int:
        return THERMOMETER_HEIGHT if self.is_thermometer else FORM_HEIGHT
