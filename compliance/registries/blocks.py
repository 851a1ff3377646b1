"""Blocks in the database: written by the thousand, changed in place, counted, and let go in small batches.

Row-level security does not allow COPY into a walled table, so a batch travels as one byte string that the
database cuts into rows; that is as fast.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from compliance.registries.bits import BLOCK_BYTES, BLOCKS_PER_AREA, Bits, Scratch, applied

Prefixes = NDArray[np.int32]

_INSERT = """
INSERT INTO compliance_registryblock (workspace_id, snapshot_id, prefix, bits)
SELECT %(workspace)s, %(snapshot)s, asked.prefix,
       substring(%(bits)s::bytea FROM ((asked.place - 1) * %(width)s + 1)::int FOR %(width)s)
FROM unnest(%(prefixes)s::int[]) WITH ORDINALITY AS asked (prefix, place)
"""
_OR_CHANGE = "ON CONFLICT (workspace_id, snapshot_id, prefix) DO UPDATE SET bits = EXCLUDED.bits"
_READ = "SELECT prefix, bits FROM compliance_registryblock WHERE snapshot_id = %s AND prefix = ANY(%s) ORDER BY prefix"
_COUNT = """
SELECT prefix / %s, sum(bit_count(bits)) FROM compliance_registryblock WHERE snapshot_id = %s GROUP BY 1 ORDER BY 1
"""
_DELETE = """
DELETE FROM compliance_registryblock WHERE id = ANY(ARRAY(
    SELECT id FROM compliance_registryblock WHERE snapshot_id = %s LIMIT %s
))
"""


def write(prefixes: Prefixes, bits: Bits, *, workspace_id: int, snapshot_id: int, change: bool = False) -> None:
    values = {
        "workspace": workspace_id,
        "snapshot": snapshot_id,
        "bits": bits.tobytes(),
        "prefixes": prefixes.tolist(),
        "width": BLOCK_BYTES,
    }
    with connection.cursor() as cursor:
        if not change:
            # A block lost in a crash belongs to a load that is lost with it; the switch itself is written through.
            cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_INSERT + (_OR_CHANGE if change else ""), values)


def change(added: Scratch, removed: Scratch, *, workspace_id: int, snapshot_id: int) -> None:
    """Apply changes to the blocks in force. Inside one transaction: readers see none of it, then all of it."""
    for area in sorted(added.areas() | removed.areas()):
        plus, minus = (side.area(area).reshape(BLOCKS_PER_AREA, BLOCK_BYTES) for side in (added, removed))
        touched = np.flatnonzero(plus.any(axis=1) | minus.any(axis=1))
        prefixes = (touched + area * BLOCKS_PER_AREA).astype(np.int32)
        before = read(prefixes, snapshot_id=snapshot_id)
        after = applied(before, added=plus[touched], removed=minus[touched])
        write(prefixes, after, workspace_id=workspace_id, snapshot_id=snapshot_id, change=True)


def read(prefixes: Prefixes, *, snapshot_id: int) -> Bits:
    """The blocks of these prefixes, a row each; empty ones where there are none."""
    rows = np.zeros((len(prefixes), BLOCK_BYTES), np.uint8)
    places = {int(prefix): place for place, prefix in enumerate(prefixes)}
    with connection.cursor() as cursor:
        cursor.execute(_READ, [snapshot_id, list(places)])
        for prefix, bits in cursor.fetchall():
            rows[places[prefix]] = np.frombuffer(bits, np.uint8)
    return rows


def counts(*, snapshot_id: int) -> Mapping[int, int]:
    """How many numbers the database itself holds, by area code."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [BLOCKS_PER_AREA, snapshot_id])
        return {area: int(count) for area, count in cursor.fetchall()}


def batches(scratch: Scratch, *, size: int) -> Iterator[tuple[Prefixes, Bits]]:
    for prefixes, rows in scratch.blocks():
        for first in range(0, len(prefixes), size):
            yield prefixes[first : first + size], rows[first : first + size]


def let_go(*, snapshot_id: int, at_most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [snapshot_id, at_most])
        return int(cursor.rowcount)
