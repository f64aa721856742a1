"""Our pages in frames of other sites: to whom they are shown, and what everyone else sees there."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from partners import embedding, links
from partners.links import Link
from recruit.headers import let_frame

FramedView = Callable[[HttpRequest, str, Link | None], HttpResponse]


def framed(view: FramedView) -> Callable[[HttpRequest, str], HttpResponse]:
    """Give a view the link of the code in its address, and its answers to that partner's sites."""

    @wraps(view)
    def respond(request: HttpRequest, code: str) -> HttpResponse:
        link = links.resolve(raw=code)
        if stranger := embedding.stranger(request, link):
            return _elsewhere(request, link, stranger)
        response = view(request, code, link)
        let_frame(response, embedding.framers(request, link))
        return response

    return respond


def _elsewhere(request: HttpRequest, link: Link | None, stranger: str) -> HttpResponse:
    """Tell a site that was not allowed what to do, and its visitors where the form is.

    Else browsers show a broken page. There is nothing in this one to trick anybody into pressing:
    no form and no button, a link that opens a page of its own.
    """
    context = {"link": link, "origins": [stranger], "stranger": stranger}
    response = render(request, "partners/embed_elsewhere.html", context)
    response["Cache-Control"] = "private, no-store"
    let_frame(response, [stranger])
    return response
