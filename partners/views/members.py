"""Who belongs to a partner: read by all of them, changed by those who manage it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from partners import hooks, joining, lending, throttling
from partners import members as membership
from partners.forms import InviteForm
from partners.models import Invitation, Member, User
from partners.tenancy import Access
from partners.views.entering import enter, manage, user_of
from partners.views.throttling import count

LAST_MANAGER = _(
    "Without this manager nobody could manage these pages. Make somebody else one first."
)


@never_cache
@login_required
@require_safe
def members(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, enter(request, slug), InviteForm())


@login_required
@require_POST
def lend_name(request: HttpRequest, slug: str) -> HttpResponse:
    """Lend it only on the word for it: whatever else was posted means to keep it."""
    access = manage(request, slug)
    by = user_of(request)
    if request.POST.get("do") == "on":
        lending.lend(partner=access.partner, by=by, now=timezone.now())
        messages.success(request, gettext("Mails may come in your name from now on."))
    else:
        lending.take_back(partner=access.partner, by=by)
        messages.success(request, gettext("No mail comes in your name any more."))
    return redirect("partners:members", slug)


@login_required
@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    access = manage(request, slug)
    count(request, door="invite", limit=throttling.INVITE, account=slug)
    form = InviteForm(request.POST)
    if form.is_valid() and _invite(request, access, form):
        return redirect("partners:members", slug)
    return _page(request, access, form, status=422)


def _invite(request: HttpRequest, access: Access, form: InviteForm) -> bool:
    email = form.cleaned_data["email"]
    try:
        joining.invite(
            partner=access.partner,
            email=email,
            role=Member.Role(form.cleaned_data["role"]),
            by=user_of(request),
            language=get_language() or "en",
            now=timezone.now(),
        )
    except joining.AlreadyMember:
        form.add_error("email", _("This person is a member already."))
        return False
    except joining.AlreadyInvited:
        form.add_error("email", _("This address was invited already. The link waits in its mail."))
        return False
    messages.success(
        request, gettext("The invitation to %(email)s is on its way.") % {"email": email}
    )
    return True


@login_required
@require_POST
def withdraw(request: HttpRequest, slug: str, invitation_id: UUID) -> HttpResponse:
    access = manage(request, slug)
    try:
        joining.withdraw(partner=access.partner, invitation_id=invitation_id, now=timezone.now())
    except joining.NoInvitation:
        raise Http404 from None
    messages.success(request, gettext("The invitation is withdrawn. Its link no longer works."))
    return redirect("partners:members", slug)


@login_required
@require_POST
def change_role(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    access = manage(request, slug)
    if request.POST.get("role") not in Member.Role.values:
        raise Http404
    role = Member.Role(request.POST["role"])
    try:
        membership.change_role(partner=access.partner, member_id=member_id, role=role)
    except membership.NoSuchMember:
        raise Http404 from None
    except membership.LastManager:
        messages.error(request, LAST_MANAGER)
    else:
        messages.success(request, gettext("Saved."))
    return redirect("partners:members", slug)


@login_required
@require_POST
def remove(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    """End a membership, one's own as well: that leads back to what is left."""
    access = manage(request, slug)
    try:
        who = membership.remove(partner=access.partner, member_id=member_id)
    except membership.NoSuchMember:
        raise Http404 from None
    except membership.LastManager:
        messages.error(request, LAST_MANAGER)
    else:
        messages.success(request, gettext("Removed. They see nothing of this any more."))
        _tell_what_sends_on(request, access, who)
    is_still_in = Member.objects.filter(user=user_of(request), partner=access.partner).exists()
    return redirect("partners:members", slug) if is_still_in else redirect("partners:dashboard")


def _tell_what_sends_on(request: HttpRequest, access: Access, who: User) -> None:
    """What they made for the house goes on; what they made for themselves would, too."""
    if count := hooks.sends_for(partner=access.partner, maker=who):
        words = ngettext(
            "%(count)s webhook that %(person)s made still sends people's answers. Look under"
            " Webhooks whether it leads to a server of yours, and delete it if not.",
            "%(count)s webhooks that %(person)s made still send people's answers. Look under"
            " Webhooks whether they lead to servers of yours, and delete them if not.",
            count,
        )
        messages.warning(request, words % {"count": count, "person": who})


def _page(
    request: HttpRequest, access: Access, form: InviteForm, status: int = 200
) -> HttpResponse:
    invited = Invitation.objects.filter(
        partner=access.partner, accepted_at=None, withdrawn_at=None
    ).order_by("-invited_at")
    now = timezone.now()
    context = {
        "access": access,
        "members": access.partner.members.select_related("user").order_by("user__email"),
        "invited": [(it, it.is_open(now=now)) for it in invited],
        "form": form,
    }
    return render(request, "partners/portal/members.html", context, status=status)
