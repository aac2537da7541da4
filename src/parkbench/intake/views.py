"""Pages of importing: sources, columns, dry run, accept, result, undo, refused rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from parkbench.intake import queries, services, tables
from parkbench.intake.forms import ColumnsForm, UploadForm
from parkbench.intake.models import Batch
from parkbench.intake.registry import ColumnsMissingError
from parkbench.intake.rules import RUNNING, BatchState, recipe_from_json
from parkbench.lib.errors import NotFound, Refused
from parkbench.lib.tabular import XlsxWriter, csv_chunks

View = Callable[..., HttpResponseBase]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def members_only(view: View) -> View:
    """Send whoever is not signed in to the sign-in page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.member.is_member:  # type: ignore[attr-defined]
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


@members_only
@require_http_methods(["GET", "POST"])
def sources(request: HttpRequest) -> HttpResponse:
    """The sources with their last import, and the form that begins one."""
    viewer = request.viewer  # type: ignore[attr-defined]
    lines = queries.sources_of(viewer=viewer)
    form = UploadForm(request.POST or None, request.FILES or None, sources=[line.name for line in lines])
    if request.method == "POST" and form.is_valid():
        try:
            return _begin(request, form)
        except ColumnsMissingError as error:
            form.ask_columns(error)
        except Refused as error:
            form.add_error("file", error.sentence)
    status = 422 if form.errors else 200
    return render(request, "intake/sources.html", {"sources": lines, "form": form}, status=status)


def _begin(request: HttpRequest, form: UploadForm) -> HttpResponse:
    found, fleeting = form.cleaned_data["file"], dict[str, str]()
    batch = services.begin(
        source=form.source_name(),
        target=form.cleaned_data["target"],
        file_name=found.name,
        pieces=found.chunks(),
        columns=form.columns(),
        by=request.viewer,  # type: ignore[attr-defined]
        hear=fleeting.update,
    )
    return _begun(request, batch, fleeting)


def _begun(request: HttpRequest, batch: Batch, fleeting: dict[str, str]) -> HttpResponse:
    """Go on to the columns; words that are not kept can be shown in this one answer only."""
    if not fleeting:
        return redirect("intake:columns", pk=batch.pk)
    form = ColumnsForm(batch=batch, fleeting=fleeting)
    answer = render(request, "intake/columns.html", {"batch": batch, "form": form})
    answer["Cache-Control"] = "no-store"
    return answer


@members_only
@require_GET
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """The imports of one source, newest first."""
    batches = queries.batches_of(source_id=pk, viewer=request.viewer)  # type: ignore[attr-defined]
    if not batches:
        raise NotFound(_("There is no such source here."))
    return render(request, "intake/source.html", {"source": batches[0].source, "batches": batches})


@members_only
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Which column is which; saving it checks the file."""
    viewer = request.viewer  # type: ignore[attr-defined]
    batch = queries.batch_of(pk=pk, viewer=viewer)
    form = ColumnsForm(request.POST or None, request.FILES or None, batch=batch)
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data.get("again"):
                return _read_again(request, batch, form)
            batch = services.set_recipe(batch_id=pk, recipe=form.recipe_said(), by=viewer)
            if form.is_other_sheet():
                return redirect("intake:columns", pk=pk)
            services.start_check(batch_id=pk, by=viewer)
            return redirect("intake:batch", pk=pk)
        except Refused as error:
            form.add_error(None, error.sentence)
    status = 422 if form.errors else 200
    return render(request, "intake/columns.html", {"batch": batch, "form": form}, status=status)


def _read_again(request: HttpRequest, batch: Batch, form: ColumnsForm) -> HttpResponse:
    """Read the file by the columns chosen; words that are not kept can be shown in this answer only."""
    found, fleeting = form.cleaned_data["again"], dict[str, str]()
    batch = services.read_again(
        batch_id=batch.pk,
        file_name=found.name,
        pieces=found.chunks(),
        recipe=form.recipe_said(),
        columns=form.columns(),
        by=request.viewer,  # type: ignore[attr-defined]
        hear=fleeting.update,
    )
    return _begun(request, batch, fleeting) if fleeting else redirect("intake:batch", pk=batch.pk)


@members_only
@require_GET
def batch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """An import: its progress, its dry run, or its result."""
    viewer = request.viewer  # type: ignore[attr-defined]
    found = queries.batch_of(pk=pk, viewer=viewer)
    if found.state == BatchState.UPLOADED:
        return redirect("intake:columns", pk=pk)
    if found.state in RUNNING:
        context = {"batch": found, "progress": tables.progress(found)}
        return render(request, "intake/progress.html", context)
    if found.state == BatchState.STOPPED:
        return render(request, "intake/stopped.html", {"batch": found})
    return render(request, "intake/batch.html", _lists(request, found))


def _lists(request: HttpRequest, found: Batch) -> dict[str, Any]:
    tab = request.GET.get("list") or tables.first_tab(found.counts)
    number = request.GET.get("page", "1")
    plan = queries.plan_page(
        batch=found,
        state=tab,
        page=int(number) if number.isdecimal() else 1,
        viewer=request.viewer,  # type: ignore[attr-defined]
    )
    return {
        "batch": found,
        "stats": tables.stats(found),
        "made": tables.made(tables.made_names(found)),
        "tab": tab,
        "tab_label": tables.TABS[tab][0],
        "intro": tables.INTROS[tab],
        "plan": plan,
        "pager": tables.pager(plan, found.get_absolute_url(), tab),
        "page_name": tables.page_name(found),
        "is_open": found.state == BatchState.CHECKED,
        "is_undoable": found.state == BatchState.ACCEPTED,
        "asked": tables.asked(found),
        "unused": recipe_from_json(found.recipe).unused(),
        "assumed": tables.assumed_currency(found),
        "undo": found.result.get("undo"),
        "late": found.result.get("late", ()),
    }


@members_only
@require_POST
def rows(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Leave rows out, or let the sheet win over a correction by hand."""
    tab, page = request.POST.get("list", "new"), request.POST.get("page", "1")

    def numbers(name: str) -> list[int]:
        return [int(text) for text in request.POST.getlist(name) if text.isdecimal()]

    found = services.choose_rows(
        batch_id=pk,
        shown=numbers("shown"),
        chosen=numbers("row"),
        is_kept_list=tab == "kept",
        by=request.viewer,  # type: ignore[attr-defined]
    )
    messages.success(request, _("Your choice of rows is kept."))
    return redirect(f"{found.get_absolute_url()}?list={tab}&page={page}#rows")


@members_only
@require_POST
def accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Start writing what the dry run found."""
    found = services.start_accept(batch_id=pk, by=request.viewer)  # type: ignore[attr-defined]
    return redirect(found.get_absolute_url())


@members_only
@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Start undoing an import."""
    try:
        services.start_undo(batch_id=pk, by=request.viewer)  # type: ignore[attr-defined]
    except NotFound:
        raise
    except Refused as error:
        messages.error(request, error.sentence)
    return redirect("intake:batch", pk=pk)


@members_only
@require_GET
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far the work is, as the page asks every two seconds."""
    found = queries.batch_of(pk=pk, viewer=request.viewer)  # type: ignore[attr-defined]
    return render(request, "ui/progress.html", {"progress": tables.progress(found)})


@members_only
@require_GET
def refused(request: HttpRequest, pk: UUID, form: str) -> HttpResponseBase:
    """The refused rows as a sheet to be mended and imported again."""
    found = queries.batch_of(pk=pk, viewer=request.viewer)  # type: ignore[attr-defined]
    if form not in ("csv", "xlsx"):
        raise NotFound(_("Refused rows come as refused.xlsx or refused.csv."))
    lines = queries.refused_rows(batch=found)
    headings = next(lines)
    name = f"{found.file_name.rpartition('.')[0]} refused.{form}"
    if form == "csv":
        answer = StreamingHttpResponse(csv_chunks(headings, lines), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = content_disposition_header(True, name)
        return answer
    return FileResponse(_workbook(headings, lines), as_attachment=True, filename=name, content_type=XLSX)


def _workbook(headings: list[Any], lines: Iterator[list[Any]]) -> IO[bytes]:
    """Write a sheet to a file without a name; whoever sends it closes it."""
    written: IO[bytes] = TemporaryFile()  # noqa: SIM115
    with XlsxWriter(written, headings) as sheet:  # type: ignore[arg-type]
        for line in lines:
            sheet.row(line)
    written.seek(0)
    return written
