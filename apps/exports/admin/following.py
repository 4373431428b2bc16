"""One's own exports: how far a long one is, stopping it, and its file."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from apps.core.admin.exporting import RIGHT
from apps.core.exceptions import DomainError
from apps.core.private_files import download
from apps.exports import services
from apps.exports.admin.names import file_name, name_of_list
from apps.exports.models import Export

SECONDS = 2
"""After which the page of an unfinished export looks again."""
MOST_SHOWN = 50


def progress_page(
    model_admin: admin.ModelAdmin, request: HttpRequest, export_id: int
) -> HttpResponse:
    """How far it is; looks again by itself until it is finished."""
    export = _export(request, export_id)
    context = {
        **_common(model_admin, request),
        "title": gettext("Export: %(list)s") % {"list": name_of_list(export)},
        "export": export,
        "percent": min(100 * export.rows // export.estimated, 100) if export.estimated else 0,
        "days": settings.EXPORT_DAYS,
    }
    answer = TemplateResponse(request, "admin/exports/export/progress.html", context)
    if not export.is_finished:
        answer["Refresh"] = str(SECONDS)
    return answer


def own_exports(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The latest that this operator asked for."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    own = Export.objects.filter(operator=request.user.pk).order_by("-pk")[:MOST_SHOWN]
    context = {
        **_common(model_admin, request),
        "title": gettext("My exports"),
        "exports": [(export, name_of_list(export)) for export in own],
        "days": settings.EXPORT_DAYS,
    }
    return TemplateResponse(request, "admin/exports/export/mine.html", context)


def cancel(model_admin: admin.ModelAdmin, request: HttpRequest, export_id: int) -> HttpResponse:
    return _cancel(request, export_id=export_id)


@require_POST
def _cancel(request: HttpRequest, *, export_id: int) -> HttpResponse:
    export = _export(request, export_id)
    if services.cancel_export(export):
        messages.success(request, gettext("The export is canceled."))
    return redirect("admin:exports_export_progress", export.pk)


def download_file(
    model_admin: admin.ModelAdmin, request: HttpRequest, export_id: int
) -> HttpResponse | FileResponse:
    """The file, for whoever may export just this list with just these columns now, whatever he might have then."""
    export = _export(request, export_id)
    try:
        services.check_still_allowed(export, request.user)
    except DomainError:
        raise PermissionDenied from None
    if not export.is_kept:
        messages.warning(request, gettext("This file is not there any more."))
        return redirect("admin:exports_export_progress", export.pk)
    return download(export.file, filename=file_name(export))


def _export(request: HttpRequest, export_id: int) -> Export:
    """One's own, or anybody's for those who see all of them. Raises PermissionDenied."""
    export = get_object_or_404(Export.objects.select_related("operator"), pk=export_id)
    is_own = export.operator_id == request.user.pk
    if not request.user.has_perm(RIGHT) or not (
        is_own or request.user.has_perm("exports.view_export")
    ):
        raise PermissionDenied
    return export


def _common(model_admin: admin.ModelAdmin, request: HttpRequest) -> dict[str, Any]:
    return {**model_admin.admin_site.each_context(request), "opts": model_admin.opts}
