from django.urls import path

from accounts.views import api_keys, audit_log, invitations, passwords, people, profile, sign_in, workspaces

WORKSPACE = "w/<slug:slug>/"

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", sign_in.second_factor, name="second_factor"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("password/forgotten/", passwords.password_forgotten, name="password_forgotten"),
    path("password/forgotten/sent/", passwords.password_forgotten_sent, name="password_forgotten_sent"),
    path("password/new/done/", passwords.password_new_done, name="password_new_done"),
    path("password/new/<str:uidb64>/<str:token>/", passwords.password_new, name="password_new"),
    path("invitations/<slug:slug>/<str:token>/", invitations.accept_invitation, name="accept_invitation"),
    path("profile/", profile.profile, name="profile"),
    path("profile/password/", passwords.password_change, name="password_change"),
    path("profile/second-factor/", profile.second_factor_set_up, name="second_factor_set_up"),
    path("profile/second-factor/remove/", profile.second_factor_remove, name="second_factor_remove"),
    path("workspaces/", workspaces.workspaces, name="workspaces"),
    path("workspaces/new/", workspaces.start_workspace, name="start_workspace"),
    path(f"{WORKSPACE}people/", people.people, name="people"),
    path(f"{WORKSPACE}people/invite/", people.invite, name="invite"),
    path(f"{WORKSPACE}people/<int:membership_id>/", people.change_role, name="change_role"),
    path(f"{WORKSPACE}people/<int:membership_id>/remove/", people.remove_person, name="remove_person"),
    path(
        f"{WORKSPACE}people/invitations/<int:invitation_id>/withdraw/",
        people.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path(
        f"{WORKSPACE}people/invitations/<int:invitation_id>/resend/",
        people.resend_invitation,
        name="resend_invitation",
    ),
    path(f"{WORKSPACE}api-keys/", api_keys.api_keys, name="api_keys"),
    path(f"{WORKSPACE}api-keys/new/", api_keys.create_api_key, name="create_api_key"),
    path(f"{WORKSPACE}api-keys/<int:api_key_id>/revoke/", api_keys.revoke_api_key, name="revoke_api_key"),
    path(f"{WORKSPACE}audit-log/", audit_log.audit_log, name="audit_log"),
    path(f"{WORKSPACE}settings/", workspaces.workspace_settings, name="workspace_settings"),
    path(f"{WORKSPACE}settings/rename/", workspaces.rename_workspace, name="rename_workspace"),
    path(f"{WORKSPACE}settings/leave/", workspaces.leave_workspace, name="leave_workspace"),
]
