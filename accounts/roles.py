"""Judge: what each role may do. The whole table, on one screen; docs/roles.md shows it to people."""

from enum import StrEnum


class Role(StrEnum):
    OWNER = "OWNER"
    OPERATOR = "OPERATOR"
    COMPLIANCE = "COMPLIANCE"
    AUDITOR = "AUDITOR"


class Permission(StrEnum):
    SEE = "see"
    STOP = "stop"
    RUN_CAMPAIGNS = "run_campaigns"
    SUPPRESS = "suppress"
    LIFT = "lift"
    ATTEST = "attest"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_KEYS = "manage_keys"
    MANAGE_WORKSPACE = "manage_workspace"


DESCRIPTIONS: dict[Permission, str] = {
    Permission.SEE: "See everything in the workspace, the audit log included",
    Permission.STOP: "Stop a campaign, or everything",
    Permission.RUN_CAMPAIGNS: "Import contacts, write playbooks, launch, pause and resume campaigns",
    Permission.SUPPRESS: "Suppress numbers and proclaim bans",
    Permission.LIFT: "Lift suppressions and loosen what was made stricter",
    Permission.ATTEST: "Attest for sellers and load registries",
    Permission.MANAGE_PEOPLE: "Invite and remove people, change their roles",
    Permission.MANAGE_KEYS: "Create and revoke API keys",
    Permission.MANAGE_WORKSPACE: "Change the workspace's settings",
}

SUMMARIES: dict[Role, str] = {
    Role.OWNER: "Everything, people and keys included",
    Role.OPERATOR: "Runs campaigns, suppresses numbers, stops calls",
    Role.COMPLIANCE: "Suppresses and lifts, attests, loads registries, stops calls; launches nothing",
    Role.AUDITOR: "Reads everything, changes nothing",
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.OPERATOR: frozenset({Permission.SEE, Permission.STOP, Permission.RUN_CAMPAIGNS, Permission.SUPPRESS}),
    Role.COMPLIANCE: frozenset(
        {Permission.SEE, Permission.STOP, Permission.SUPPRESS, Permission.LIFT, Permission.ATTEST}
    ),
    Role.AUDITOR: frozenset({Permission.SEE}),
}


def allows(role: Role | str, permission: Permission) -> bool:
    return permission in PERMISSIONS[Role(role)]
