"""The checksums of a DuckDB file's blocks.

DuckDB checks a block when it reads it, and reading every table leaves the indexes aside: of a small warehouse half of
the blocks in use. A damaged one is found by the next write, in the middle of a night. So each block in use is checked
here, as DuckDB does it (src/storage/single_file_block_manager.cpp, src/common/checksum.cpp; the same for the storage of
1.5 and of 2.0): three headers of 4096 bytes, then blocks, each of which begins with the checksum of the rest.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

_HEADER = 4096
_FIRST_BLOCK = 3 * _HEADER
_MAGIC = b"DUCK"
_FACTOR = pa.scalar(0xBF58476D1CE4E5B9, pa.uint64())
_START = 5381
#: A metadata block is cut into so many pieces, which are chained.
_PIECES = 64
_NOWHERE = 2**64 - 1
_ID_BITS = 56


class UnknownLayout(Exception):
    """The file is not laid out as we know it, or is damaged where that is written."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """How many blocks the file has in use, and where those begin whose checksum does not hold."""

    used: int
    damaged: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Header:
    free_list: int
    count: int
    size: int


def check_blocks(path: Path) -> Blocks:
    """Reads every block in use. Raises UnknownLayout and OSError."""
    with path.open("rb") as file:
        header = _header(file)
        free = _free_list(file, header)
        used = [number for number in range(header.count) if number not in free]
        damaged = []
        for number in used:
            start = _FIRST_BLOCK + number * header.size
            if not _holds(_read(file, start, header.size)):
                damaged.append(start)
    return Blocks(len(used), tuple(damaged))


def _header(file: BinaryIO) -> _Header:
    """The newer of the two headers that are written in turn."""
    if _read(file, 0, _HEADER)[8:12] != _MAGIC:
        raise UnknownLayout("no DuckDB file")
    both = [_read(file, _HEADER * number, _HEADER) for number in (1, 2)]
    fields = [struct.unpack_from("<6Q", header) for header in both if _holds(header)]
    if not fields:
        raise UnknownLayout("both headers are damaged")
    _, _, _, free_list, count, size = max(fields, key=lambda header: header[1])
    if size not in (2**bits for bits in range(14, 19)):
        raise UnknownLayout(f"blocks of {size} bytes")
    return _Header(free_list, count, size)


def _free_list(file: BinaryIO, header: _Header) -> set[int]:
    """The blocks that hold nothing now: what is written there does not matter."""
    numbers = _numbers(file, header)
    count = next(numbers, 0)
    free = {number for number, _ in zip(numbers, range(count), strict=False)}
    if len(free) != count or any(number >= header.count for number in free):
        raise UnknownLayout("the list of free blocks can't be read")
    return free


def _numbers(file: BinaryIO, header: _Header) -> Iterator[int]:
    """The numbers in a chain of metadata pieces; each begins with where the next one is."""
    length = (header.size // _PIECES) - 8  # the block's checksum takes eight bytes, and pieces are cut at whole words
    pointer, passed = header.free_list, set[int]()
    while pointer != _NOWHERE and pointer not in passed:
        passed.add(pointer)
        block, piece = pointer & (2**_ID_BITS - 1), pointer >> _ID_BITS
        if block >= header.count or piece >= _PIECES:
            raise UnknownLayout("the list of free blocks can't be found")
        start = _FIRST_BLOCK + block * header.size
        content = _read(file, start, header.size)
        if len(content) < header.size:
            raise UnknownLayout("the list of free blocks is cut off")
        pointer, *numbers = struct.unpack_from(f"<{length // 8}Q", content, 8 + piece * length)
        yield from numbers


def _read(file: BinaryIO, start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)


def _holds(block: bytes) -> bool:
    """The exclusive or of all words but the first, each times a factor, is the first word."""
    if not block or len(block) & (len(block) - 1):
        return False  # cut off: whole ones have a power of two of bytes
    words = pa.Array.from_buffers(pa.uint64(), len(block) // 8, [None, pa.py_buffer(block)])
    stored = words[0].as_py()
    products = pc.multiply(words, _FACTOR)
    own = products[0].as_py()
    while len(products) > 1:
        half = len(products) // 2
        products = pc.bit_wise_xor(products[:half], products[half:])
    return bool(products[0].as_py() ^ own ^ _START == stored)
