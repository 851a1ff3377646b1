"""Where are we? The verbs of compliance are called inside a workspace, or not at all."""

from accounts.tenancy import CrossedWall, current_workspace_id


def workspace_here() -> int:
    workspace_id = current_workspace_id()
    if workspace_id is None:
        raise CrossedWall("the verbs of compliance are called inside a workspace")
    return workspace_id
