"""Attach and detach documents and the picture: checked by their content, kept by their digest."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from parkbench.instruments.queries.instrument import DOCUMENTS
from parkbench.instruments.services.writing import KIND, amend, check_edit, check_seen, content_of, own_row
from parkbench.lib.errors import NotFound, Refused
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, scopes_of

LARGEST_FILE = 25 * 1024 * 1024
LARGEST_PICTURE = 50_000_000
"""Pixels; a small file can unpack to gigabytes of them."""
LONGEST_SIDE = 1600
MOST_DOCUMENTS = 50
PLACES = {"picture": "picture", **DOCUMENTS}
"""Where a file can be put > the field that lists it."""

_ZIPPED = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OPEN_DOCUMENTS = frozenset(
    f"application/vnd.oasis.opendocument.{name}" for name in ("spreadsheet", "text", "presentation")
)
_PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
EXPECTED = "PDF, Word, Excel, PowerPoint, OpenDocument, PNG, JPEG, WebP, GIF, plain text or CSV"


def attach(*, uid: UUID, place: str, upload: File[bytes], title: str = "", by: Viewer) -> str:
    """This function will keep a file with an instrument and return its digest (SHA-256, hexadecimal).

    ``place`` is "picture", "capacity", "economics" or "internal". A picture takes the place of the one
    before, is made at most 1600 pixels long and loses what the camera wrote into it. Raises Refused for a
    file that is empty, larger than 25 MB, of no known type or there already; NotFound, NotAllowed.
    """
    field = _field(place)
    row = own_row(uid)
    check_edit(row, by)
    check_seen({field: None}, by, scopes_of(kind_of(KIND), row))
    content, kind = _checked(upload, is_picture=place == "picture")
    name = title.strip() or Path(upload.name or "").stem or _("Untitled")
    digest = hashlib.sha256(content).hexdigest()
    told = {"digest": digest, "title": name[:200], "type": kind, "size": len(content)}
    # The bytes first: a row that names a file which is not there would be worse than a file nobody names.
    _keep(digest, content)
    _change(uid, field, lambda now: _added(now, told) if place != "picture" else told, by)
    return digest


def detach(*, uid: UUID, place: str, digest: str, by: Viewer) -> None:
    """This function will take a file off an instrument; the history still names it.

    Raises NotFound when it is not there, NotAllowed.
    """
    field = _field(place)
    row = own_row(uid)
    check_edit(row, by)
    check_seen({field: None}, by, scopes_of(kind_of(KIND), row))
    _change(uid, field, lambda now: _removed(now, digest), by)


def path_of(digest: str) -> Path:
    """Return where the bytes of a file are kept; raises NotFound when they are not here."""
    path = Path(settings.MEDIA_ROOT) / digest
    if not path.is_file():
        raise NotFound(
            _("The file itself is not here any more. Restore it from a backup, or attach it again.")
        )
    return path


def _field(place: str) -> str:
    if place not in PLACES:
        raise NotFound(_("There is no such place for files."))
    return PLACES[place]


@transaction.atomic
def _change(uid: UUID, field: str, change: Callable[[Any], Any], by: Viewer) -> None:
    now, revisions = content_of(uid)
    values = {field: change(now.get(field))}
    amend(changed={uid: values}, now={uid: now}, by=by, expected=revisions)


def _added(now: Any, told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = list(now or ())
    if any(each["digest"] == told["digest"] for each in listed):
        raise Refused(_("This very file is attached here already."))
    if len(listed) >= MOST_DOCUMENTS:
        raise Refused(_("At most 50 documents fit here. Remove one that is not needed any more."))
    return [*listed, told]


def _removed(now: Any, digest: str) -> Any:
    listed = [now] if isinstance(now, dict) else list(now or ())
    left = [each for each in listed if each["digest"] != digest]
    if len(left) == len(listed):
        raise NotFound(_("This file was taken off already."))
    return left or None


def _checked(upload: File[bytes], *, is_picture: bool) -> tuple[bytes, str]:
    """Return the bytes to keep and their type; raise Refused for what cannot be kept."""
    size = upload.size or 0
    if size > LARGEST_FILE:
        raise Refused(_("The file is larger than 25 MB. Make it smaller, or link to where it is kept."))
    content = upload.read(LARGEST_FILE + 1)
    if not content:
        raise Refused(_("The file is empty. Choose another one."))
    if len(content) > LARGEST_FILE:
        raise Refused(_("The file is larger than 25 MB. Make it smaller, or link to where it is kept."))
    if is_picture:
        return _redrawn(content)
    kind = type_of(content, upload.name or "")
    if not kind:
        raise Refused(_("This type of file cannot be kept. Attach one of: %(types)s.") % {"types": EXPECTED})
    return content, kind


def type_of(content: bytes, name: str) -> str:
    """Return the media type that the content itself shows, '' for one that is not kept.

    The name only tells CSV from plain text. Raises Refused for pictures that are broken or too large.
    """
    if content.startswith(_BEGINNINGS) or (content.startswith(b"RIFF") and content[8:12] == b"WEBP"):
        return _PICTURES[_opened(content).format or ""]
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"PK\x03\x04"):
        return _type_of_zip(content)
    if _is_text(content):
        return "text/csv" if name.lower().endswith(".csv") else "text/plain"
    return ""


def _type_of_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as told:
                    declared = told.read(200).decode("ascii", "replace").strip()
                return declared if declared in _OPEN_DOCUMENTS else ""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
        return ""  # broken, encrypted or packed in a way nobody reads: no known type
    if any(name.endswith("vbaProject.bin") for name in names):
        raise Refused(_("This file holds macros. Save it without them and attach it again."))
    return next((kind for name, kind in _ZIPPED.items() if name in names), "")


def _is_text(content: bytes) -> bool:
    """Tell whether this reads as text: UTF-8, or Windows-1252 without control characters."""
    allowed = b"\t\n\r\f"
    if any(byte < 32 and byte not in allowed for byte in set(content)):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return not any(byte in set(content) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D, 0x7F))
    return True


def _opened(content: bytes) -> Image.Image:
    """Return the picture, its size and structure checked, its pixels not unpacked yet."""
    try:
        with Image.open(io.BytesIO(content), formats=list(_PICTURES)) as picture:
            width, height = picture.size
            picture.verify()
        if width * height > LARGEST_PICTURE:
            raise Refused(_("The picture has more than 50 million pixels. Make it smaller first."))
        return Image.open(io.BytesIO(content), formats=list(_PICTURES))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(_("The picture has more than 50 million pixels. Make it smaller first.")) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Refused(_("This is no picture that can be read. Choose a PNG, JPEG, WebP or GIF.")) from error


def _redrawn(content: bytes) -> tuple[bytes, str]:
    """Return the picture turned upright, at most 1600 pixels long, without place, time and camera."""
    picture = _opened(content)
    try:
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        has_alpha = "A" in upright.getbands() or "transparency" in upright.info
        plain = upright.convert("RGBA" if has_alpha else "RGB")
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
        raise Refused(_("This is no picture that can be read. Choose a PNG, JPEG, WebP or GIF.")) from error
    # Pixels alone go into a new picture: whatever else the file held stays behind.
    clean = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    kept = io.BytesIO()
    if has_alpha:
        clean.save(kept, "PNG", optimize=True)
        return kept.getvalue(), "image/png"
    clean.save(kept, "JPEG", quality=86, optimize=True)
    return kept.getvalue(), "image/jpeg"


def _keep(digest: str, content: bytes) -> None:
    """Write the bytes under their digest: whole or not at all, and on the disk before anything names them."""
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / digest
    if path.is_file() and path.stat().st_size == len(content):
        return
    number, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        with os.fdopen(number, "wb") as new:
            _write(new, content)
        os.replace(name, path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise Refused(_("The file could not be kept: the disk is full or cannot be written to.")) from error
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)


def _write(new: IO[bytes], content: bytes) -> None:
    new.write(content)
    new.flush()
    os.fsync(new.fileno())
