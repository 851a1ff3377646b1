from django.urls import include, path

from compliance.views import asking, consents, decisions, rulebook, sellers, suppressions

urlpatterns = [
    path("w/<slug:slug>/compliance/", asking.may_i_call, name="may_i_call"),
    path("w/<slug:slug>/decisions/", decisions.decisions, name="decisions"),
    path("w/<slug:slug>/decisions/<int:clearance_id>/", decisions.decision, name="decision"),
    path("w/<slug:slug>/decisions/<int:clearance_id>/replay/", decisions.replay_decision, name="replay_decision"),
    path("w/<slug:slug>/suppressions/", suppressions.suppressions, name="suppressions"),
    path("w/<slug:slug>/suppressions/add/", suppressions.suppress, name="suppress"),
    path("w/<slug:slug>/suppressions/import/", suppressions.import_suppressions, name="import_suppressions"),
    path("w/<slug:slug>/suppressions/<int:suppression_id>/", suppressions.suppression, name="suppression"),
    path(
        "w/<slug:slug>/suppressions/<int:suppression_id>/lift/", suppressions.lift_suppression, name="lift_suppression"
    ),
    path("w/<slug:slug>/consents/", consents.consents, name="consents"),
    path("w/<slug:slug>/consents/record/", consents.record_consent, name="record_consent"),
    path("w/<slug:slug>/consents/<int:consent_id>/", consents.consent, name="consent"),
    path("w/<slug:slug>/consents/<int:consent_id>/revoke/", consents.revoke_consent, name="revoke_consent"),
    path("w/<slug:slug>/sellers/", sellers.sellers, name="sellers"),
    path("w/<slug:slug>/sellers/add/", sellers.add_seller, name="add_seller"),
    path("w/<slug:slug>/sellers/<int:seller_id>/", sellers.seller, name="seller"),
    path("w/<slug:slug>/sellers/<int:seller_id>/attest/", sellers.attest, name="attest"),
    path("w/<slug:slug>/sellers/<int:seller_id>/numbers/", sellers.add_caller_number, name="add_caller_number"),
    path(
        "w/<slug:slug>/sellers/attestations/<int:attestation_id>/withdraw/",
        sellers.withdraw_attestation,
        name="withdraw_attestation",
    ),
    path(
        "w/<slug:slug>/sellers/numbers/<int:caller_number_id>/verify/",
        sellers.verify_caller_number,
        name="verify_caller_number",
    ),
    path("w/<slug:slug>/rulebook/", rulebook.rulebook_grid, name="rulebook"),
    path("w/<slug:slug>/rulebook/calendar/", rulebook.rulebook_calendar, name="rulebook_calendar"),
    path("w/<slug:slug>/rulebook/<str:jurisdiction>/", rulebook.jurisdiction, name="jurisdiction"),
    path("", include("compliance.registry_urls")),
]
