"""Refusing, before anything is read, what is no table or would grow without bound."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Literal

from parkbench.lib.tabular.extent import Extent, OpenDocumentExtent, SheetExtent
from parkbench.lib.tabular.table import MIB, Limits, UnreadableFile

FileForm = Literal["text", "workbook"]

PROTECTED = "is protected by a password. Save a copy without password and import that."
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OverflowError, NotImplementedError)
"""What zipfile raises for a broken archive; NotImplementedError is a way of packing that it does not know."""
_SAVE_AGAIN = "Open it in the program it comes from and save it as .xlsx, .ods or .csv."
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"II*\x00", "a picture (TIFF)"),
    (b"MM\x00*", "a picture (TIFF)"),
    (b"RIFF", "a media file"),
    (b"\x1f\x8b", "a packed file (gzip)"),
    (b"BZh", "a packed file (bzip2)"),
    (b"\xfd7zXZ", "a packed file (xz)"),
    (b"7z\xbc\xaf", "a packed file (7z)"),
    (b"\x28\xb5\x2f\xfd", "a packed file (zstd)"),
    (b"Rar!", "a packed file (RAR)"),
    (b"SQLite format 3", "a database (SQLite)"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|head|\?xml)", re.IGNORECASE)
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_SHEET_PART = re.compile(r"xl/worksheets/.*\.xml", re.IGNORECASE)
_PIECE = MIB
_DIRECTORY_SIZE = MIB


def form_of(stream: BinaryIO, size: int, name: str, limits: Limits) -> FileForm:
    """Return whether a file is text or a workbook, by its content; raise UnreadableFile for anything else."""
    if size == 0:
        raise UnreadableFile(f"{name} is empty. Choose a file with a line of column names and rows below it.")
    if size > limits.file_size:
        raise UnreadableFile(
            f"{name} is larger than {limits.file_size // MIB} MB. Split it, or leave out what is not needed."
        )
    head = stream.read(4096)
    stream.seek(0)
    if head.startswith(_ZIP):
        check_archive(stream, size, name, limits)
        return "workbook"
    if head.startswith(_OLE):
        _check_old_workbook(stream, name)
        return "workbook"
    _check_text(head, stream, name)
    return "text"


def _check_text(head: bytes, stream: BinaryIO, name: str) -> None:
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            advice = "Unpack it and import what is inside." if "packed" in what else _SAVE_AGAIN
            raise UnreadableFile(f"{name} is {what}, not a table. {advice}")
    if head.startswith(b"PK"):
        raise UnreadableFile(f"{name} is an empty or damaged archive, not a table. {_SAVE_AGAIN}")
    if _MARKUP.match(head):
        raise UnreadableFile(f"{name} is a web page or XML file, whatever its name says. {_SAVE_AGAIN}")
    is_wide = head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:4] == b"\x00\x00\xfe\xff"
    if is_wide or _is_utf16_without_mark(head):
        return
    for chunk in iter(lambda: stream.read(_PIECE), b""):
        if b"\0" in chunk:
            raise UnreadableFile(f"{name} holds binary data, not a table. {_SAVE_AGAIN}")
    stream.seek(0)


def _is_utf16_without_mark(head: bytes) -> bool:
    """Tell whether every second byte is zero, as in Latin text written in UTF-16."""
    even, odd = head[0::2], head[1::2]
    half = len(odd) or 1
    return (odd.count(0) > 0.7 * half and 0 not in even) or (even.count(0) > 0.7 * half and 0 not in odd)


def _check_old_workbook(stream: BinaryIO, name: str) -> None:
    start = stream.read(64 * _PIECE)
    stream.seek(0)
    if "EncryptedPackage".encode("utf-16-le") in start:
        raise UnreadableFile(
            f"{name} is protected by a password. Save a copy without password and import that."
        )
    if "Workbook".encode("utf-16-le") not in start and "Book".encode("utf-16-le") not in start:
        raise UnreadableFile(f"{name} is an old Office file, but no spreadsheet. {_SAVE_AGAIN}")


def check_archive(stream: BinaryIO, size: int, name: str, limits: Limits) -> None:
    """Raise UnreadableFile unless a zipped workbook unpacks to what it declares, within the limits."""
    damaged = UnreadableFile(f"{name} is damaged and cannot be opened. {_SAVE_AGAIN}")
    _check_directory_size(stream, size, name)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            _check_entries(entries, size, name, limits)
            for entry in entries:
                _check_entry(stream, entry, name, limits)
    except _DAMAGE as error:
        raise damaged from error
    stream.seek(0)


def _check_directory_size(stream: BinaryIO, size: int, name: str) -> None:
    """Refuse a directory of millions of entries before a library reads it into memory."""
    stream.seek(max(0, size - 65_557))
    tail = stream.read()
    stream.seek(0)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < 22:
        raise UnreadableFile(f"{name} is cut off: the end of the file is missing. Copy or download it again.")
    (directory,) = struct.unpack_from("<I", tail, place + 12)
    locator = tail.rfind(b"PK\x06\x06", 0, place)
    if directory == 0xFFFFFFFF and locator >= 0:
        (directory,) = struct.unpack_from("<Q", tail, locator + 40)
    if directory > _DIRECTORY_SIZE:
        raise UnreadableFile(f"{name} holds far more parts than any spreadsheet. {_SAVE_AGAIN}")


def _check_entries(entries: list[zipfile.ZipInfo], size: int, name: str, limits: Limits) -> None:
    names = {entry.filename for entry in entries}
    if not ({"[Content_Types].xml", "mimetype", "content.xml"} & names):
        raise UnreadableFile(
            f"{name} is a ZIP archive, not a spreadsheet. Unpack it and import what is inside."
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile(
            f"{name} is protected by a password. Save a copy without password and import that."
        )
    if len(entries) > limits.entries or len(names) < len(entries):
        raise UnreadableFile(f"{name} holds more parts than any spreadsheet. {_SAVE_AGAIN}")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if packed > size:
        raise UnreadableFile(f"{name} is damaged: its parts overlap. {_SAVE_AGAIN}")
    # A part is judged alone too: a picture beside a bomb must not make it look ordinary.
    sizes = [(unpacked, packed), *((entry.file_size, entry.compress_size) for entry in entries)]
    is_dense = any(full > 10 * MIB and full > small * limits.unpacked_ratio for full, small in sizes)
    if unpacked > limits.unpacked_size or is_dense:
        raise UnreadableFile(
            f"{name} would unpack to {unpacked // MIB} MB, which is more than a table needs. "
            "Remove empty formatted rows and columns and pictures, or save it as .csv."
        )


def _check_entry(stream: BinaryIO, entry: zipfile.ZipInfo, name: str, limits: Limits) -> None:
    """Unpack one part to nowhere: its true size, no document type, no cell out of bounds."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableFile(f"{name} is packed in a way that cannot be read. {_SAVE_AGAIN}")
    is_markup = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    extent = _extent_of(entry.filename, name, limits)
    seen, rest = 0, b""
    for piece in _pieces(stream, entry):
        seen += len(piece)
        if seen > entry.file_size:
            raise UnreadableFile(f"{name} is damaged: a part is larger than it says. {_SAVE_AGAIN}")
        if is_markup:
            text = rest + piece
            _check_markup(text, name)
            rest = extent.add(text)
    if seen != entry.file_size:
        raise UnreadableFile(f"{name} is cut off: a part is shorter than it says. Copy or download it again.")


def _extent_of(part: str, name: str, limits: Limits) -> Extent:
    if _SHEET_PART.fullmatch(part):
        return SheetExtent(name, limits)
    return OpenDocumentExtent(name, limits) if part == "content.xml" else Extent(name, limits)


def _check_markup(piece: bytes, name: str) -> None:
    if b"\0" in piece[:64]:
        raise UnreadableFile(f"{name} is written in an encoding no spreadsheet uses. {_SAVE_AGAIN}")
    if b"<!" in piece and _ENTITY.search(piece):
        raise UnreadableFile(f"{name} declares its own XML entities; no spreadsheet does. {_SAVE_AGAIN}")


def _pieces(stream: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    stream.seek(entry.header_offset)
    header = stream.read(30)
    if header[:4] != _ZIP:
        raise zipfile.BadZipFile("no local header")
    name_size, extra_size = struct.unpack_from("<HH", header, 26)
    stream.seek(name_size + extra_size, 1)
    left = entry.compress_size
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        packed = stream.read(min(left, 256 * 1024))
        if not packed:
            raise EOFError
        left -= len(packed)
        if unpacker is None:
            yield packed
            continue
        while packed:
            yield unpacker.decompress(packed, _PIECE)
            packed = unpacker.unconsumed_tail
    if unpacker is not None and not unpacker.eof:
        yield unpacker.flush()
