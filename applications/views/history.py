"""往年成果 of the enterprise: what the association's lists and announced results say it achieved."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from applications.models import Application, PastResult
from applications.states import State
from applications.views.members import membership_or_404


@login_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Published facts, so every member of the enterprise may see them."""
    membership = membership_or_404(request)
    awarded = (
        Application.objects.filter(
            enterprise=membership.enterprise_id, state=State.AWARDED, result_announced_at__isnull=False
        )
        .select_related("round__programme")
        .order_by("-round__programme__year", "-round__number", "preference")
    )
    context = {
        "membership": membership,
        "enterprise": membership.enterprise,
        "results": PastResult.objects.of(membership.enterprise).for_list(),
        "awarded": awarded,
    }
    return render(request, "applications/history.html", context)
