"""The map of states: a tile of the same size for each, where people look for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GRID = """
AK . . . . . . . . . . ME
. . . . . . . . . . VT NH
. WA ID MT ND MN IL WI MI NY RI MA
. OR NV WY SD IA IN OH PA NJ CT .
. CA UT CO NE MO KY WV VA MD DE .
MP . AZ NM KS AR TN NC SC DC . .
GU . . . OK LA MS AL GA . . PR
HI AS . . TX . . . . FL . VI
"""
NAMES: dict[str, Promise] = {
    "AK": _("Alaska"),
    "AL": _("Alabama"),
    "AR": _("Arkansas"),
    "AS": _("American Samoa"),
    "AZ": _("Arizona"),
    "CA": _("California"),
    "CO": _("Colorado"),
    "CT": _("Connecticut"),
    "DC": _("District of Columbia"),
    "DE": _("Delaware"),
    "FL": _("Florida"),
    "GA": _("Georgia"),
    "GU": _("Guam"),
    "HI": _("Hawaii"),
    "IA": _("Iowa"),
    "ID": _("Idaho"),
    "IL": _("Illinois"),
    "IN": _("Indiana"),
    "KS": _("Kansas"),
    "KY": _("Kentucky"),
    "LA": _("Louisiana"),
    "MA": _("Massachusetts"),
    "MD": _("Maryland"),
    "ME": _("Maine"),
    "MI": _("Michigan"),
    "MN": _("Minnesota"),
    "MO": _("Missouri"),
    "MP": _("Northern Mariana Islands"),
    "MS": _("Mississippi"),
    "MT": _("Montana"),
    "NC": _("North Carolina"),
    "ND": _("North Dakota"),
    "NE": _("Nebraska"),
    "NH": _("New Hampshire"),
    "NJ": _("New Jersey"),
    "NM": _("New Mexico"),
    "NV": _("Nevada"),
    "NY": _("New York"),
    "OH": _("Ohio"),
    "OK": _("Oklahoma"),
    "OR": _("Oregon"),
    "PA": _("Pennsylvania"),
    "PR": _("Puerto Rico"),
    "RI": _("Rhode Island"),
    "SC": _("South Carolina"),
    "SD": _("South Dakota"),
    "TN": _("Tennessee"),
    "TX": _("Texas"),
    "UT": _("Utah"),
    "VA": _("Virginia"),
    "VI": _("U.S. Virgin Islands"),
    "VT": _("Vermont"),
    "WA": _("Washington"),
    "WI": _("Wisconsin"),
    "WV": _("West Virginia"),
    "WY": _("Wyoming"),
}
STEP = 10
PLACES = {
    code: (STEP * x, STEP * y)
    for y, row in enumerate(GRID.split("\n")[1:-1])
    for x, code in enumerate(row.split())
    if code != "."
}
# Fewer people than this may be known in their place; and in smaller steps, the total and the other
# places would tell how many there are.
FIVE = 5
SHADES = 4


@dataclass(frozen=True, slots=True)
class Tile:
    """A state: where it stands, how dark it is, and its number; `count` None: fewer than FIVE."""

    code: str
    name: Promise
    x: int
    y: int
    count: int | None
    shade: int


def told(count: int) -> int | None:
    """Return a number that may be shown: in whole fives; None is "under 5", and may be nobody."""
    return None if count < FIVE else count // FIVE * FIVE


def draw(counts: Mapping[str, int | None]) -> tuple[Tile, ...]:
    """Place each state, in the order of their names' codes; who is not named has under five."""
    top = max((it or 0 for it in counts.values()), default=0)
    return tuple(
        Tile(code, name, *PLACES[code], counts.get(code), _shade(counts.get(code), top))
        for code, name in NAMES.items()
    )


def _shade(count: int | None, top: int) -> int:
    """0 where no number is told, then in SHADES steps up to the most; live.js agrees."""
    return -(-SHADES * count // top) if count else 0
