"""The ledger: every clearance and its end, sealed in batches that hold one another, the heads kept elsewhere too.

A row's hash is SHA-256 over its fields in a fixed order, each with its length before it, so that no two rows read
alike. A batch's hash is SHA-256 over the hash of the batch before, its position and bounds, and its rows' hashes. What
is hashed is written down once (`hashes`); Postgres hashes it when sealing, and Python anew when verifying.

What is sealed: all that was judged, and, as a row of its own, how a granted clearance ended. How often a refusal was
repeated is not: that count may grow.
"""

from compliance.ledger.heads import CannotKeepHeads
from compliance.ledger.purging import purge
from compliance.ledger.sealing import seal
from compliance.ledger.verifying import Fault, Verified, verify

__all__ = ["CannotKeepHeads", "Fault", "Verified", "purge", "seal", "verify"]
