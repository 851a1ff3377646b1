"""A file is brought: write down that it is to be loaded, or say at once why it cannot be."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User, Workspace
from compliance.models import Registry, RegistrySnapshot
from compliance.registries.faults import CannotLoad
from compliance.registries.spelling import Unreadable, area_codes, day_in_name

State, Content, Kind = RegistrySnapshot.State, RegistrySnapshot.Content, Registry.Kind


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A file somebody brings, and what they say of it."""

    kind: Registry.Kind
    source: str
    file_hash: str
    size: int
    us_state: str = ""
    seller_key: str = ""
    as_of: date | None = None
    san: str = ""
    areas: str = ""
    number_column: str = ""
    base_id: int | None = None  # it is a change list, made for this snapshot
    anyway: bool = False

    @property
    def content(self) -> RegistrySnapshot.Content:
        if self.kind == Kind.REASSIGNED:
            return Content.RESULTS
        return Content.FULL if self.base_id is None else Content.CHANGES


def announce(offer: Offer, *, workspace: Workspace, by: User | None, now: datetime) -> RegistrySnapshot:
    """Inside the doorway's transaction: the announcement and what is kept of the file stand or fall together."""
    _demand_state(offer)
    as_of = _day_of(offer, today=now.date())
    _demand_area_codes(offer.areas)
    registry, _ = Registry.objects.get_or_create(
        workspace=workspace, kind=offer.kind, us_state=offer.us_state, seller_key=offer.seller_key
    )
    _refuse_the_same_file(registry, offer.file_hash)
    base = _base(registry, offer)
    return RegistrySnapshot.objects.create(
        workspace_id=registry.workspace_id,
        registry=registry,
        content=offer.content,
        base=base,
        root_id=base.root_pk if base else None,
        source=offer.source[-200:],
        file_hash=offer.file_hash,
        as_of=as_of,
        san=offer.san,
        declared_areas=offer.areas,
        number_column=offer.number_column,
        anyway=offer.anyway,
        bytes_total=offer.size,
        loaded_by=by,
        announced_at=now,
    )


def _demand_state(offer: Offer) -> None:
    well_named = re.fullmatch("[A-Z]{2}", offer.us_state) if offer.kind == Kind.STATE else not offer.us_state
    if not well_named:
        raise CannotLoad("A state registry needs its state in two letters, such as NY; the other kinds have none.")


def _day_of(offer: Offer, *, today: date) -> date | None:
    named = day_in_name(offer.source)
    if offer.as_of and named and offer.as_of > named:
        raise CannotLoad(
            f"You say the list is of {offer.as_of:%d %B %Y}, its name says {named:%d %B %Y}. Give the earlier day, or"
            " the right file."
        )
    as_of = offer.as_of or named
    if as_of and as_of > today:
        raise CannotLoad(f"The list cannot be of {as_of:%d %B %Y}: that day has not come yet.")
    if as_of is None and offer.content == Content.FULL and not offer.source.lower().endswith(".zip"):
        raise CannotLoad("Say which day the list is of: the file's name does not.")
    return as_of


def _demand_area_codes(text: str) -> None:
    try:
        area_codes(text)
    except Unreadable:
        raise CannotLoad("Write area codes as three digits, such as 212, 646; or write all.") from None


def _refuse_the_same_file(registry: Registry, file_hash: str) -> None:
    """Only what still counts: a file may be tried again after a failure, and an old list brought back."""
    known = RegistrySnapshot.objects.filter(
        registry=registry, file_hash=file_hash, state__in=[State.CURRENT, State.ADDED, State.WAITING, State.LOADING]
    ).first()
    if known and known.is_under_way:
        raise CannotLoad("This very file is being loaded already.")
    if known and known.loaded_at:
        raise CannotLoad(f"This very file was loaded on {known.loaded_at:%d %B %Y} and is in force. Nothing is to do.")


def _base(registry: Registry, offer: Offer) -> RegistrySnapshot | None:
    if offer.base_id is None:
        return None
    if registry.kind not in {Kind.NATIONAL, Kind.STATE}:
        raise CannotLoad("Change lists exist for the national registry and for state registries.")
    if registry.current_id is None:
        raise CannotLoad("There is no list to change yet. Load a full list first.")
    if registry.current_id != offer.base_id:
        raise CannotLoad(
            "This change list was meant for a list that is no longer in force. Load the changes that follow the one"
            " in force now, or a full list."
        )
    return registry.current
