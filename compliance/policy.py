"""What a workspace adds to the rulebook: stricter at will, looser only with an owner's reason."""

from dataclasses import dataclass
from datetime import date, datetime

from compliance.codes import LOOSENABLE, Code
from compliance.rulebook import Week

EVERYWHERE = "*"
WORKSPACE = "workspace"
CITATION = "Workspace policy"


class TooLoose(Exception):
    """The rulebook holds here whatever the reason."""


@dataclass(frozen=True, slots=True)
class OwnHours:
    """The workspace calls within these hours only, whatever the purpose."""

    week: Week
    jurisdiction: str = EVERYWHERE


@dataclass(frozen=True, slots=True)
class OwnHoliday:
    """A day without calls: a proclaimed holiday, or one the workspace keeps."""

    day: date
    name: str
    jurisdiction: str = EVERYWHERE
    county: str | None = None


@dataclass(frozen=True, slots=True)
class OwnCap:
    count: int
    hours: int
    jurisdiction: str = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Emergency:
    """A declared emergency: no sales calls into the area while it lasts."""

    jurisdiction: str
    starts_at: datetime
    ends_at: datetime | None = None
    county: str | None = None
    name: str = "a declared emergency"


@dataclass(frozen=True, slots=True)
class Loosened:
    """A state rule an owner set aside for one jurisdiction, perhaps for one seller only; shown on all it touches."""

    code: Code
    jurisdiction: str
    reason: str
    by: str
    seller: str | None = None

    def __post_init__(self) -> None:
        if self.code not in LOOSENABLE:
            raise TooLoose(f"{self.code} cannot be set aside. Only {', '.join(sorted(LOOSENABLE))} can.")
        if not self.reason.strip() or not self.by.strip():
            raise TooLoose("Setting a rule aside needs a reason and the owner's name.")


@dataclass(frozen=True, slots=True)
class Policy:
    hours: tuple[OwnHours, ...] = ()
    holidays: tuple[OwnHoliday, ...] = ()
    caps: tuple[OwnCap, ...] = ()
    emergencies: tuple[Emergency, ...] = ()
    loosened: tuple[Loosened, ...] = ()

    def loosening(self, code: Code, jurisdiction: str, *, seller: str | None) -> Loosened | None:
        return next(
            (
                rule
                for rule in self.loosened
                if rule.code is code and rule.jurisdiction == jurisdiction and rule.seller in (None, seller)
            ),
            None,
        )


NO_POLICY = Policy()
