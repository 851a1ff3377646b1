"""Numbers as bits: one per ten-digit number, ten thousand to a block, a thousand blocks to an area code."""

import tempfile
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Bits = NDArray[np.uint8]

LINES = 10_000  # numbers behind one area code and exchange
BLOCK_BYTES = LINES // 8
BLOCKS_PER_AREA = 1_000
AREA_NUMBERS = LINES * BLOCKS_PER_AREA
AREA_BYTES = BLOCK_BYTES * BLOCKS_PER_AREA
COVERAGE_BYTES = 125  # a bit for each of a thousand area codes

# The database's get_bit counts from the low bit of a byte, and so do we.
_MASKS = (1 << np.arange(8)).astype(np.uint8)


def numbers_of(digits: Iterable[str]) -> Numbers:
    return np.fromiter((int(ten) for ten in digits), np.int64)


def by_area(numbers: Numbers) -> Iterator[tuple[int, Numbers]]:
    """Ten-digit numbers, in any order, as each area code's lines in ascending order."""
    if not numbers.size:
        return
    if np.any(numbers[1:] < numbers[:-1]):
        numbers = np.sort(numbers)
    areas = numbers // AREA_NUMBERS
    starts = np.flatnonzero(np.r_[True, areas[1:] != areas[:-1]])
    for first, after in zip(starts, [*starts[1:], numbers.size], strict=True):
        area = int(areas[first])
        yield area, numbers[first:after] - area * AREA_NUMBERS


def masks_of(lines: Numbers) -> tuple[Numbers, Bits]:
    """Which bytes hold these ascending lines, each once, and which bits of them."""
    places = lines >> 3
    masks = _MASKS[lines & 7]
    starts = np.flatnonzero(np.r_[True, places[1:] != places[:-1]])
    return places[starts], np.bitwise_or.reduceat(masks, starts)


def coverage_of(areas: frozenset[int]) -> bytes:
    flags = np.zeros(1000, np.uint8)
    flags[list(areas)] = 1
    return np.packbits(flags, bitorder="little").tobytes()


def areas_of(coverage: bytes) -> frozenset[int]:
    flags = np.unpackbits(np.frombuffer(coverage, np.uint8), bitorder="little")
    return frozenset(np.flatnonzero(flags).tolist())


def applied(bits: Bits, *, added: Bits, removed: Bits) -> Bits:
    return (bits & ~removed) | added


class Scratch:
    """All ten-digit numbers there are, as bits in a sparse file of which one area code at a time is in memory.

    So a list in any order, of any length, costs the same few megabytes; a sorted one is read and written once.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="callwright-registry-", buffering=0)  # noqa: SIM115 - closed by us
        self._blocks = np.zeros(BLOCKS_PER_AREA * 1000, np.bool_)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def set(self, numbers: Numbers) -> None:
        for area, lines in by_area(numbers):
            places, masks = masks_of(lines)
            bits = self.area(area)
            bits[places] |= masks
            self._keep(area, bits, lines)

    def clear(self, numbers: Numbers) -> None:
        for area, lines in by_area(numbers):
            places, masks = masks_of(lines)
            bits = self.area(area)
            bits[places] &= ~masks
            self._keep(area, bits, lines)

    def area(self, area: int) -> Bits:
        content = bytearray(AREA_BYTES)
        if self._blocks[area * BLOCKS_PER_AREA : (area + 1) * BLOCKS_PER_AREA].any():
            self._file.seek(area * AREA_BYTES)
            self._file.readinto(content)
        return np.frombuffer(content, np.uint8)

    def _keep(self, area: int, bits: Bits, lines: Numbers) -> None:
        self._blocks[area * BLOCKS_PER_AREA + lines // LINES] = True
        self._file.seek(area * AREA_BYTES)
        written = 0
        content = memoryview(bits.tobytes())
        while written < AREA_BYTES:
            written += self._file.write(content[written:])

    def areas(self) -> frozenset[int]:
        return frozenset((np.flatnonzero(self._blocks) // BLOCKS_PER_AREA).tolist())

    def blocks(self) -> Iterator[tuple[NDArray[np.int32], Bits]]:
        """What was touched, an area code at a time: the prefixes, and a row of bits for each."""
        for area in sorted(self.areas()):
            touched = np.flatnonzero(self._blocks[area * BLOCKS_PER_AREA : (area + 1) * BLOCKS_PER_AREA])
            rows = self.area(area).reshape(BLOCKS_PER_AREA, BLOCK_BYTES)[touched]
            yield (touched + area * BLOCKS_PER_AREA).astype(np.int32), rows

    def counts(self) -> dict[int, int]:
        return {area: int(np.bitwise_count(self.area(area)).sum()) for area in sorted(self.areas())}
