"""Judge: what the evidence of a consent must hold, and what it lacks. In words a person can act on."""

import hashlib
from dataclasses import asdict, dataclass

PEWC, PEC, DNC_PERMISSION = "PEWC", "PEC", "DNC_PERMISSION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a permission came from and how it can be shown again. Empty means there is none."""

    person_name: str = ""
    text_shown: str = ""  # exactly as shown or read out
    copy_ref: str = ""  # a screenshot, a scan, a page as it was
    signature_act: str = ""  # checkbox initially empty, typed name, recorded "yes"
    recording_ref: str = ""
    source_url: str = ""
    referrer: str = ""
    ip: str = ""
    browser: str = ""
    certificate: str = ""  # a web visit's
    vendor: str = ""  # who delivered it, and from whom
    language: str = ""
    note: str = ""

    @property
    def text_version(self) -> str:
        return hashlib.sha256(self.text_shown.encode()).hexdigest() if self.text_shown else ""

    def to_json(self) -> dict[str, str]:
        return {**{key: value for key, value in asdict(self).items() if value}, "text_version": self.text_version}


_SIGNED = {
    "person_name": "the person's name",
    "text_shown": "the text they agreed to",
    "signature_act": "how they signed",
}


def missing(kind: str, origin: str, evidence: Evidence) -> list[str]:
    """What 16 CFR 310.5(a)(8) asks for and this evidence does not hold."""
    if kind == PEC:
        return [] if evidence.text_shown or evidence.recording_ref or evidence.note else ["what they agreed to"]
    lacks = [words for name, words in _SIGNED.items() if not getattr(evidence, name)]
    if origin == "VOICE" and not evidence.recording_ref:
        lacks.append("the recording")
    if origin != "VOICE" and not evidence.copy_ref and not evidence.certificate:
        lacks.append("a copy of the page as it was shown")
    if origin == "FORM" and not evidence.source_url:
        lacks.append("the address of the page")
    return lacks
