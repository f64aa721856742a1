"""The badge: today's count in a picture of a few hundred bytes, for any site and any README."""

import base64
import hashlib

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from partners.snippets import BADGE_HEIGHT, BADGE_WIDTH
from partners.totals import Totals
from recruit.memory import Made

BAR = 236
MOST_KEPT = 200
LONGEST_NAME = 38

STYLE = (
    ".paper{fill:#faf6ec;stroke:#5c6675}.ink,.number{fill:#0e1a2c}.words{fill:#404c5c}"
    ".track{fill:#e6dfcf}.bar{fill:#0a6a50}.oval{fill:none;stroke:#0a6a50}text{font-family:system-ui,sans-serif}"
    ".number{font-size:26px;font-weight:800}.words{font-size:13px}"
    "@media(prefers-color-scheme:dark){.paper{fill:#15243c;stroke:#8897ae}"
    ".ink,.number{fill:#f8f3e6}.words{fill:#c3cddb}.track{fill:#2b3c57}.bar{fill:#43d3a5}.oval{stroke:#43d3a5}}"
)
# Opened on its own, it is a page of ours: this style and nothing else.
_digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_digest}'; frame-ancestors 'none'"

_drawn: Made[Totals, bytes] = Made(most=MOST_KEPT)


def draw(*, totals: Totals, partner: str = "", language: str) -> bytes:
    """Return the badge in this language; one reading is drawn once in a process for a partner."""
    key = (totals.drive_slug, partner, language)
    return _drawn.get(key, totals, lambda: _draw(totals, partner, language))


def _draw(totals: Totals, partner: str, language: str) -> bytes:
    short = partner if len(partner) <= LONGEST_NAME else partner[: LONGEST_NAME - 1] + "…"
    context: dict[str, object] = {
        "style": STYLE,
        "width": BADGE_WIDTH,
        "height": BADGE_HEIGHT,
        "bar": BAR,
        "filled": BAR * totals.headline_percent // 100,
        "totals": totals,
        "partner": partner,
        "short": short,
    }
    with translation.override(language):
        if settings.IS_REHEARSAL:
            context["mark"] = _("Rehearsal:") + " "
        return render_to_string("partners/badge.svg", context).encode()
