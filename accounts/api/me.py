"""Who am I? The first thing an integrator asks."""

from datetime import datetime

from ninja import Router, Schema
from pydantic import Field

from accounts.api.door import KeyRequest, key_door
from accounts.models import ApiKey, Workspace
from config import clock

router = Router(tags=["Account"])


class WorkspaceOut(Schema):
    name: str = Field(examples=["Harbor Dental"])
    slug: str = Field(description="The workspace's name in addresses of pages.", examples=["harbor"])
    code: str = Field(description="Never changes; events carry it.", examples=["k3j9x0a2bq"])
    kind: Workspace.Kind = Field(description="Fixed when the workspace was made.", examples=["PRACTICE"])
    practice: bool = Field(description="Whether calls reach only the sandbox.", examples=[True])


class KeyOut(Schema):
    name: str = Field(examples=["CRM"])
    code: str = Field(description="The key's public part; safe to show and to log.", examples=["m2v8s1c7tq0d"])
    scopes: list[str] = Field(examples=[["events:read", "events:write"]])
    created_at: datetime


class MeOut(Schema):
    workspace: WorkspaceOut
    key: KeyOut
    now: datetime = Field(description="The time this installation goes by, UTC; practice may run on its own clock.")


@router.get("/me", response=MeOut, operation_id="get_me", summary="Who am I?")
@key_door()
def get_me(request: KeyRequest) -> MeOut:
    """Answer which workspace this key belongs to and what it may do. Any key in force may ask: the way to try one."""
    return MeOut(workspace=_workspace_out(request.workspace), key=_key_out(request.api_key), now=clock.now())


def _workspace_out(workspace: Workspace) -> WorkspaceOut:
    return WorkspaceOut(
        name=workspace.name,
        slug=workspace.slug,
        code=workspace.code,
        kind=Workspace.Kind(workspace.kind),
        practice=workspace.is_practice,
    )


def _key_out(api_key: ApiKey) -> KeyOut:
    return KeyOut(name=api_key.name, code=api_key.code, scopes=api_key.scopes, created_at=api_key.created_at)
