"""Judge: what an API key may be allowed. A room that adds operations adds its scopes here."""

SCOPES: dict[str, str] = {
    "events:read": "Read the workspace's events",
    "events:write": "Record test events",
}
