"""Every noun of compliance, for staff. Django looks for them here."""

from compliance.clearing_admin import ClearanceAdmin
from compliance.registry_admin import RegistryAdmin

__all__ = ["ClearanceAdmin", "RegistryAdmin"]
