"""Pictures for social previews, 1200 x 630: the thermometer as a poster, readable when small.

Pillow draws them with the typeface that the pages are sent, so there is one file of it. A process
keeps MOST_KEPT of them for KEPT_SECONDS, draws one at a time, and no more than MOST_A_MINUTE of
partners' pictures; those of drives are few by themselves, and partners' make no room of theirs.
"""

import io
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import translation
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from partners.totals import Totals

WIDTH, HEIGHT = 1200, 630
EDGE = 64
BASELINE = 330
KEPT_SECONDS = 60.0
MOST_KEPT = 64
MOST_A_MINUTE = 120
INK, PAPER, MUTED, TRACK, PROGRESS, EARLIER, MARIGOLD = (
    "#0e1a2c", "#f8f3e6", "#c3cddb", "#2b3c57", "#43d3a5", "#2c8269", "#ffbe1a",
)  # fmt: skip
FONT = settings.BASE_DIR / "static" / "fonts" / "public-sans-latin.woff2"

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes of a PNG, and when it is due to be drawn again."""

    png: bytes
    due_at: float


class Pictures:
    """Those that were drawn of late, the one that was drawn longest ago first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._kept: OrderedDict[Key, Picture] = OrderedDict()
        self._minute_ends_at, self._drawn = 0.0, 0

    def get(self, key: Key, totals: Totals) -> bytes:
        known = self._kept.get(key)
        if known and time.monotonic() < known.due_at:
            return known.png
        with self._lock:
            return self._renewed(key, totals)

    def _renewed(self, key: Key, totals: Totals) -> bytes:
        """Look once more: somebody may have drawn it while we waited."""
        known, now = self._kept.get(key), time.monotonic()
        if known and now < known.due_at:
            return known.png
        slug, partner, language = key
        if partner and not self._may_draw(now):
            return known.png if known else self._renewed((slug, "", language), totals)
        png = _draw(totals, partner, language)
        self._kept[key] = Picture(png, now + KEPT_SECONDS)
        self._kept.move_to_end(key)
        if len(self._kept) > MOST_KEPT:
            del self._kept[next((it for it in self._kept if it[1]), next(iter(self._kept)))]
        return png

    def _may_draw(self, now: float) -> bool:
        if now >= self._minute_ends_at:
            self._minute_ends_at, self._drawn = now + 60, 0
        self._drawn += 1
        return self._drawn <= MOST_A_MINUTE


_pictures = Pictures()
forget = _pictures.forget


def draw(*, totals: Totals, partner: str = "", language: str) -> bytes:
    """Return the picture of these totals, at most KEPT_SECONDS old.

    In a flood of partners theirs are answered with an older one, or with that of the drive.
    """
    return _pictures.get((totals.drive_slug, partner, language), totals)


def _draw(totals: Totals, partner: str, language: str) -> bytes:
    image = Image.new("RGB", (WIDTH, HEIGHT), INK)
    pen = ImageDraw.Draw(image)
    for x in range(0, WIDTH, 44):
        pen.rectangle((x, 0, x + 21, 15), fill=PAPER)
    with translation.override(language):
        _words(pen, totals, partner)
        if settings.IS_REHEARSAL:
            _mark(pen)
    _bar(pen, totals)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _words(pen: ImageDraw.ImageDraw, totals: Totals, partner: str) -> None:
    _line(pen, 50, totals.drive_name, size=40, weight=700, fill=PAPER)
    number = _font(250, 850)
    count = intcomma(totals.headline, use_l10n=False)
    pen.text((EDGE - 8, BASELINE), count, font=number, fill=PAPER, anchor="ls")
    if totals.headline_goal:
        goal = _("of %(goal)s") % {"goal": intcomma(totals.headline_goal, use_l10n=False)}
        beside = EDGE + pen.textlength(count, font=number) + 16
        pen.text((beside, BASELINE), goal, font=_font(60, 700), fill=PAPER, anchor="ls")
    _line(pen, 384, totals.headline_name, size=46, weight=700, fill=PAPER)
    below = _("with %(partner)s") % {"partner": partner} if partner else settings.ORGANISATION
    _line(pen, 542, below, size=42, weight=600, fill=MARIGOLD)


def _mark(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((0, 0, WIDTH, 43), fill=MARIGOLD)
    words = _("This is a rehearsal: nobody who signs up here is counted.")
    _line(pen, 4, words, size=30, weight=750, fill=INK)


def _line(
    pen: ImageDraw.ImageDraw, y: int, text: str, *, size: int, weight: int, fill: str
) -> None:
    """Write one line that fits, smaller if need be; what our typeface lacks is left out."""
    text = "".join(it for it in text if ord(it) < 0x180 or it in "–—‘’“”…")
    font = _font(size, weight)
    while size > 24 and pen.textlength(text, font=font) > WIDTH - 2 * EDGE:
        size -= 2
        font = _font(size, weight)
    pen.text((EDGE, y), text, font=font, fill=fill)


def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(FONT, size)
    font.set_variation_by_axes([weight])
    return font


def _bar(pen: ImageDraw.ImageDraw, totals: Totals) -> None:
    goal, top, bottom = totals.headline_goal, 458, 512
    if not goal:
        return
    across = WIDTH - 2 * EDGE

    def until(count: int, fill: str) -> None:
        if count > 0:
            right = EDGE + min(across, across * count // goal)
            pen.rectangle((EDGE, top, right, bottom), fill=fill)

    pen.rectangle((EDGE, top, WIDTH - EDGE, bottom), fill=TRACK)
    until(totals.headline, PROGRESS)
    until(totals.headline_earlier, EARLIER)
