"""Pages read as a browser reads them: as a tree, and for what the Content-Security-Policy would refuse."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

VOID = {"br", "circle", "hr", "img", "input", "link", "meta", "path", "polygon", "polyline", "rect"}


class Strictness(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag == "style":
            self._fault("a <style> element")
        if tag == "script":
            self._inside = "script"
            if "src" not in names:
                self._fault("a <script> without src")
        for name, value in attrs:
            self._look_at(name, (value or "").strip().lower())

    def _look_at(self, name: str, value: str) -> None:
        if name == "style":
            self._fault("a style attribute")
        if name.startswith(("on", "hx-on")):
            self._fault(f"an {name} attribute")
        if value.startswith(("javascript:", "js:")):
            self._fault(f"a script in {name}")

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and data.strip():
            self._fault("words inside <script>")

    def _fault(self, what: str) -> None:
        self.faults.append(f"line {self.getpos()[0]}: {what}")


def faults(html: str) -> list[str]:
    reader = Strictness()
    reader.feed(html)
    return reader.faults


class Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.builder = ET.TreeBuilder()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        self.builder.data(data)


def tree(html: str) -> ET.Element:
    """The one element this HTML is. Every tag of ours that can be closed is; the builder notices one that is not."""
    reader = Tree()
    reader.feed(html)
    reader.close()
    return reader.builder.close()
