"""Files: what is kept, what is refused, and what a picture loses."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib

import pytest
from django.core.files.base import ContentFile
from PIL import Image

import cast
from parkbench.accounts.rules import Role
from parkbench.instruments import services
from parkbench.instruments.models import Instrument
from parkbench.lib.errors import NotAllowed, NotFound, Refused

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a quote"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def uid():
    return cast.instrument("Confocal", cast.unit())


def attach(uid, content, name="a.bin", place="capacity", by=cast.OPERATOR, title=""):
    return services.attach(uid=uid, place=place, upload=ContentFile(content, name), title=title, by=by)


def told(uid, field="capacity_documents"):
    return getattr(Instrument.objects.get(uid=uid), field)


def zipped(**members):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"), content)
    return kept.getvalue()


def picture(kind="PNG", size=(40, 30), mode="RGB", **more):
    kept = io.BytesIO()
    Image.new(mode, size).save(kept, kind, **more)
    return kept.getvalue()


def bomb(side=50_000):
    """A small PNG that says it has 2.5 thousand million pixels."""

    def chunk(name, content):
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


ODS = "application/vnd.oasis.opendocument.spreadsheet"
KINDS = {
    "application/pdf": (PDF, "a.exe"),
    "text/plain": ("Ångström".encode(), "a.html"),
    "text/csv": ("Größe;Preis\n1;2\n".encode("cp1252"), "a.CSV"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (zipped(xl__workbook_xml="x"), "a"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (
        zipped(word__document_xml="x"),
        "a",
    ),
    ODS: (zipped(mimetype=ODS), "a.zip"),
    "image/png": (picture(), "a.txt"),
    "image/jpeg": (picture("JPEG"), "a"),
    "image/webp": (picture("WEBP"), "a"),
    "image/gif": (picture("GIF"), "a"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_type_is_what_the_content_shows(uid, folder, kind):
    content, name = KINDS[kind]
    digest = attach(uid, content, name)
    assert digest == hashlib.sha256(content).hexdigest()
    assert told(uid) == [{"digest": digest, "title": "a", "type": kind, "size": len(content)}]
    assert (folder / digest).read_bytes() == content
    assert [path.name for path in folder.iterdir()] == [digest]


BAD = {
    "empty": b"",
    "a program": b"\x7fELF\x01\x01\x00",
    "a program for Windows": b"MZ\x90\x00\x03\x00",
    "an archive": zipped(readme="x"),
    "a broken archive": b"PK\x03\x04" + b"x" * 50,
    "macros": zipped(xl__workbook_xml="x", xl__vbaProject_bin="x"),
    "an unknown open document": zipped(mimetype="application/vnd.oasis.opendocument.formula"),
    "half a picture": picture()[:40],
    "a pixel bomb": bomb(),
    "a smaller pixel bomb": bomb(7_100),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_kept_is_refused_in_words(uid, folder, what):
    with pytest.raises(Refused) as refusal:
        attach(uid, BAD[what])
    assert refusal.value.sentence.endswith(".")
    assert not folder.exists()
    assert told(uid) is None


@pytest.mark.parametrize(
    "what", ["half a picture", "a pixel bomb", "a smaller pixel bomb", "an archive", "empty"]
)
def test_what_is_no_picture_is_refused_as_one(uid, what):
    with pytest.raises(Refused):
        attach(uid, BAD[what], place="picture")
    with pytest.raises(Refused, match="no picture"):
        attach(uid, PDF, place="picture")


@pytest.mark.parametrize("side", [7_100, 12_000, 50_000])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(uid, side):
    with pytest.raises(Refused, match="50 million pixels"):
        attach(uid, bomb(side), place="picture")


def test_a_file_over_25_mb_is_refused(uid):
    with pytest.raises(Refused, match="25 MB"):
        attach(uid, b"a" * (25 * 1024 * 1024 + 1))


def test_a_size_that_is_not_true_does_not_help(uid):
    upload = ContentFile(b"a" * (25 * 1024 * 1024 + 1), "a.txt")
    upload.size = 10
    with pytest.raises(Refused, match="25 MB"):
        services.attach(uid=uid, place="capacity", upload=upload, by=cast.OPERATOR)


def test_a_picture_is_made_small_and_loses_what_the_camera_wrote(uid, folder):
    exif = Image.Exif()
    exif[0x010F] = "CANARY camera"
    exif[0x0112] = 6
    digest = attach(
        uid, picture("JPEG", (4000, 2000), exif=exif, comment=b"CANARY"), place="picture", title="Room"
    )
    kept = folder / digest
    assert b"CANARY" not in kept.read_bytes()
    with Image.open(kept) as shown:
        assert (shown.size, shown.format) == ((800, 1600), "JPEG")
        assert not shown.getexif()
    assert told(uid, "picture") == {
        "digest": digest,
        "title": "Room",
        "type": "image/jpeg",
        "size": kept.stat().st_size,
    }


def test_a_clear_picture_stays_clear_and_takes_the_place_of_the_one_before(uid, folder):
    attach(uid, picture(), place="picture")
    digest = attach(uid, picture(mode="RGBA", size=(10, 10)), place="picture")
    assert told(uid, "picture")["digest"] == digest
    with Image.open(folder / digest) as shown:
        assert shown.mode == "RGBA"


def test_the_same_file_is_attached_once_and_kept_once(uid, folder):
    attach(uid, PDF)
    with pytest.raises(Refused, match="already"):
        attach(uid, PDF)
    attach(uid, PDF, place="economics")
    assert len(list(folder.iterdir())) == 1


def test_a_file_is_taken_off_and_the_bytes_stay_for_the_history(uid, folder):
    digest = attach(uid, PDF)
    services.detach(uid=uid, place="capacity", digest=digest, by=cast.OPERATOR)
    assert told(uid) is None
    assert (folder / digest).exists()
    with pytest.raises(NotFound):
        services.detach(uid=uid, place="capacity", digest=digest, by=cast.OPERATOR)
    with pytest.raises(NotFound):
        attach(uid, PDF, place="basics")


def test_fifty_documents_are_enough(uid):
    for number in range(50):
        attach(uid, b"text %d" % number)
    with pytest.raises(Refused, match="50 documents"):
        attach(uid, b"one more")


def test_files_follow_the_rights_of_their_section(uid):
    unit = Instrument.objects.get(uid=uid).unit.uid
    editor, reader = cast.seen_by("Eve", (Role.EDITOR, str(unit))), cast.seen_by("Ben", Role.READER)
    attach(uid, PDF, by=editor)
    for by, place in ((editor, "economics"), (reader, "capacity")):
        with pytest.raises(NotAllowed):
            attach(uid, b"text", place=place, by=by)
    with pytest.raises(NotAllowed):
        services.detach(uid=uid, place="capacity", digest=told(uid)[0]["digest"], by=reader)


def test_a_full_disk_is_said_in_words(uid, monkeypatch, folder):
    def full(*_args):
        raise OSError("No space left on device")

    monkeypatch.setattr("parkbench.instruments.services.files.os.replace", full)
    with pytest.raises(Refused, match="disk is full"):
        attach(uid, PDF)
    assert list(folder.iterdir()) == []
    assert told(uid) is None
