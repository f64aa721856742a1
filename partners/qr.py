"""QR codes of links, for a screen and for a poster."""

import io
from typing import Any

import segno

# A quarter of the code may be scratched or covered: posters hang outside.
ERROR_CORRECTION = "q"
QUIET_ZONE = 4
PRINT_DPI = 300
PRINT_PIXELS = 1200


def svg(*, address: str) -> bytes:
    """Draw black on white, in dark mode too: many readers know nothing else."""
    return _drawn(address, kind="svg", light="#fff", xmldecl=False, omitsize=True)


def inline(*, address: str) -> str:
    """Draw the same as markup for a page: what it says must have no address of its own."""
    how = {"light": "#fff", "xmldecl": False, "svgns": False, "omitsize": True}
    return _drawn(address, kind="svg", **how).decode()


def png(*, address: str) -> bytes:
    """Draw at least 10 cm for print at 300 dots per inch."""
    modules = _code(address).symbol_size(border=QUIET_ZONE)[0]
    return _drawn(address, kind="png", dpi=PRINT_DPI, scale=-(-PRINT_PIXELS // modules))


def _drawn(address: str, **how: Any) -> bytes:
    out = io.BytesIO()
    _code(address).save(out, border=QUIET_ZONE, **how)
    return out.getvalue()


def _code(address: str) -> segno.QRCode:
    return segno.make(address, error=ERROR_CORRECTION, micro=False)
