import xml.etree.ElementTree as ET

from django import forms

from tests.looks.markup import tree

ROLES = [("OWNER", "Owner|Does everything."), ("AUDITOR", "Auditor|Reads everything.")]


class InviteForm(forms.Form):
    email = forms.EmailField(label="E-mail address", help_text="Where the link goes.")
    role = forms.ChoiceField(label="Role", choices=ROLES, widget=forms.RadioSelect(attrs={"class": "cards"}))
    note = forms.CharField(label="Note", required=False)
    agreed = forms.BooleanField(label="They know about it")
    came_from = forms.CharField(widget=forms.HiddenInput, required=False)


def page(form: forms.Form) -> ET.Element:
    return tree(f"<form>{form}</form>")


def by_id(form: ET.Element, name: str) -> ET.Element:
    return next(element for element in form.iter() if element.get("id") == name)


def test_every_field_has_a_label_that_belongs_to_it() -> None:
    form = page(InviteForm())
    labels = {label.get("for") for label in form.iter("label")}
    assert {"id_email", "id_note", "id_agreed", "id_role_0", "id_role_1"} <= labels
    assert by_id(form, "id_role").find("legend") is not None


def test_help_and_errors_are_read_out_with_the_field() -> None:
    form = page(InviteForm({"email": "nobody"}))
    described = (by_id(form, "id_email").get("aria-describedby") or "").split()
    said = [" ".join(by_id(form, name).itertext()) for name in described]
    assert said[0] == "Where the link goes."
    assert "Enter a valid email address." in said[1]
    assert by_id(form, "id_email").get("aria-invalid") == "true"


def test_the_summary_on_top_links_to_each_faulty_field() -> None:
    form = page(InviteForm({"email": "nobody"}))
    links = [link.get("href") for link in form[0].iter("a")]
    assert form[0].get("role") == "alert"
    assert links == ["#id_email", "#id_role", "#id_agreed"]
    assert all(by_id(form, (link or "")[1:]) is not None for link in links)


def test_what_belongs_to_no_field_is_said_once_on_top() -> None:
    form = InviteForm({"email": "ben@example.com", "role": "OWNER", "agreed": "on"})
    form.add_error(None, "Ben is already a member.")
    assert str(form).count("Ben is already a member.") == 1


def test_an_accepted_or_fresh_form_shows_no_summary() -> None:
    assert "error-summary" not in str(InviteForm())
    assert "error-summary" not in str(InviteForm({"email": "ben@example.com", "role": "OWNER", "agreed": "on"}))


def test_only_what_may_stay_empty_says_so() -> None:
    form = page(InviteForm())
    said = {label.get("for"): "".join(label.itertext()) for label in form.iter("label")}
    assert said["id_note"] == "Note (optional)"
    assert said["id_email"] == "E-mail address"


def test_a_choice_is_explained_beside_its_name() -> None:
    form = str(InviteForm())
    assert '<span class="choice-label">Owner</span><span class="choice-description">Does everything.</span>' in form


def test_what_was_typed_is_still_there_and_escaped() -> None:
    form = str(InviteForm({"email": '"><b>', "note": "<i>call</i> later"}))
    assert "<b>" not in form
    assert "&lt;i&gt;call&lt;/i&gt; later" in form


def test_hidden_fields_come_along() -> None:
    assert str(InviteForm()).count('type="hidden"') == 1
