"""Reads the forms of a page, and sends one as a browser would."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """Each form by its address: the names and values of its hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, list[tuple[str, str]]] = {}
        self._form: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self.forms.setdefault(found.get("action", ""), [])
        if tag == "input" and found.get("type") == "hidden":
            self._form.append((found["name"], found["value"]))


def hidden(text: str, action: str) -> dict[str, list[str]]:
    """Return what this page's form to that address sends besides what is typed."""
    page = Page()
    page.feed(text)
    sent: dict[str, list[str]] = {}
    for name, value in page.forms[action]:
        # A parser of HTML reads every end of a line as LF, and a browser sends it as CRLF.
        lines = value.replace("\r\n", "\n").replace("\n", "\r\n")
        sent.setdefault(name, []).append(lines)
    return sent
