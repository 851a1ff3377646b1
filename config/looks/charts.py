"""Judge: numbers become drawings. SVG text out, sized by attributes alone: the page allows no inline style.

Every drawing has an accessible name and a sentence, and is well formed whatever it is given:
nothing at all, one number, None, NaN, infinities.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

KINDS = ("neutral", "good", "warn", "bad", "info")
LARGEST = 1e15  # beyond this a drawing says nothing, and floats lose whole numbers
HOURS = range(24)


@dataclass(frozen=True)
class Part:
    label: str
    value: float
    colour: str
    share: float

    @property
    def written(self) -> str:
        return written(self.value)

    @property
    def percent(self) -> str:
        return f"{round(self.share * 100)} %"


def finite(value: object) -> float:
    """A number that can be drawn: what cannot be read counts as nothing."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return max(-LARGEST, min(LARGEST, number)) if math.isfinite(number) else 0.0


def amount(value: object) -> float:
    return max(0.0, finite(value))


def ranked(given: Iterable[Sequence[object]]) -> list[tuple[Part, str]]:
    """Rows with the width of each one's bar, the longest filling the line. One colour, unless a row says its kind."""
    rows = [row if len(row) > 2 else (*row, "info") for row in given]
    parts = parts_of(rows)
    highest = max((part.value for part in parts), default=0.0) or 1.0
    return [(part, f"{100 * part.value / highest:.2f}%") for part in parts]


def written(number: float) -> str:
    return f"{round(number):,}" if number == round(number) else f"{number:,.1f}"


def parts_of(given: Iterable[Sequence[object]]) -> list[Part]:
    """(label, value) or (label, value, kind); those without a kind take the chart colours in turn."""
    rows = [(str(row[0]), amount(row[1]), row[2] if len(row) > 2 else None) for row in given]
    total = sum(value for _, value, _ in rows)
    plain = (f"series-{turn % 6 + 1}" for turn in range(len(rows)))
    return [
        Part(label, value, str(kind) if kind in KINDS else next(plain), value / total if total else 0.0)
        for label, value, kind in rows
    ]


def sparkline(values: Iterable[object], *, label: str) -> SafeString:
    numbers = [finite(value) for value in values]
    said = _range_sentence(numbers)
    if not numbers:
        return _svg("sparkline", (label, said), SafeString(""), box="0 0 100 28")
    line = _line(numbers)
    area = f"0,28 {line} 100,28"
    drawn = format_html(
        '<polygon class="area" points="{}"/><polyline class="line" points="{}" vector-effect="non-scaling-stroke"/>',
        area,
        line,
    )
    return _svg("sparkline", (label, said), drawn, box="0 0 100 28", stretch=True)


def _line(numbers: list[float]) -> str:
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    span, last = (high - low) or 1.0, max(len(numbers) - 1, 1)
    points = numbers if len(numbers) > 1 else numbers * 2
    return " ".join(
        f"{100 * place / last:.2f},{26 - 24 * (number - low) / span:.2f}" for place, number in enumerate(points)
    )


def bars(pairs: Iterable[Sequence[object]], *, label: str) -> SafeString:
    """Upright bars over a row of times. The labels under it are the table's, so that they stay readable."""
    rows = [(str(name), amount(value)) for name, value, *_ in pairs]
    highest = max((value for _, value in rows), default=0.0) or 1.0
    step = 100 / max(len(rows), 1)
    drawn = format_html_join(
        "",
        '<rect class="bar" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>',
        (
            (
                f"{place * step + step * 0.14:.3f}%",
                f"{100 - 100 * value / highest:.3f}%",
                f"{step * 0.72:.3f}%",
                f"{100 * value / highest:.3f}%",
                name,
                written(value),
            )
            for place, (name, value) in enumerate(rows)
        ),
    )
    return _svg("bars", (label, _bars_sentence(rows)), drawn)


def stacked_bar(parts: Sequence[Part], *, label: str) -> SafeString:
    rectangles, at = [], 0.0
    for part in parts:
        rectangles.append((part.colour, f"{at * 100:.3f}%", f"{part.share * 100:.3f}%", part.label, part.written))
        at += part.share
    drawn = format_html_join(
        "", '<rect class="{}" x="{}" y="0" width="{}" height="100%"><title>{}: {}</title></rect>', rectangles
    )
    return _svg("stacked", (label, _parts_sentence(parts)), drawn)


def donut(parts: Sequence[Part], *, label: str) -> SafeString:
    """Arcs of one circle whose length is 100, so that a share is a percentage of dash."""
    arcs, at = [], 0.0
    for part in parts:
        length = part.share * 100
        arcs.append((part.colour, f"{length:.3f} {100 - length:.3f}", f"{25 - at:.3f}", part.label, part.written))
        at += length
    drawn = format_html_join(
        "",
        '<circle class="arc {}" cx="21" cy="21" r="15.9155" pathLength="100" stroke-dasharray="{}" '
        'stroke-dashoffset="{}"><title>{}: {}</title></circle>',
        arcs,
    )
    ring = SafeString('<circle class="ring" cx="21" cy="21" r="15.9155"/>')
    return _svg("donut", (label, _parts_sentence(parts)), ring + drawn, box="0 0 42 42")


def hours_strip(hours: Iterable[object], *, label: str, now_hour: int | None = None) -> SafeString:
    states = [_state(hour) for hour in hours][:24]
    states += ["closed"] * (24 - len(states))
    cells = format_html_join(
        "",
        '<rect class="{}" x="{}" y="0" width="9" height="20" rx="1.5"><title>{}</title></rect>',
        ((state, hour * 10, f"{hour:02}:00 to {hour + 1:02}:00 {state}") for hour, state in enumerate(states)),
    )
    needle = SafeString("")
    if now_hour is not None and now_hour in HOURS:
        needle = format_html('<path class="needle" d="M{} 22l4 5h-8z"/>', f"{now_hour * 10 + 4.5:.1f}")
    return _svg("hours", (label, _hours_sentence(states, now_hour)), cells + needle, box="0 0 239 28")


def _state(hour: object) -> str:
    if isinstance(hour, str):
        return hour if hour in {"open", "partly"} else "closed"
    return "open" if hour else "closed"


def _svg(name: str, words: tuple[str, str], drawn: SafeString, *, box: str = "", stretch: bool = False) -> SafeString:
    label, said = words
    return format_html(
        '<svg class="chart {}" role="img" aria-label="{}"{}{} focusable="false">'
        "<title>{}</title><desc>{}</desc>{}</svg>",
        name,
        f"{label}. {said}",
        format_html(' viewBox="{}"', box) if box else "",
        SafeString(' preserveAspectRatio="none"') if stretch else "",
        label,
        said,
        drawn,
    )


def _range_sentence(numbers: list[float]) -> str:
    if not numbers:
        return "No data yet."
    return f"Lowest {written(min(numbers))}, highest {written(max(numbers))}, latest {written(numbers[-1])}."


def _bars_sentence(rows: list[tuple[str, float]]) -> str:
    if not any(value for _, value in rows):
        return "No data yet."
    name, value = max(rows, key=lambda row: row[1])
    return f"Highest: {name} with {written(value)}. Together {written(sum(value for _, value in rows))}."


def _parts_sentence(parts: Sequence[Part]) -> str:
    if not any(part.value for part in parts):
        return "No data yet."
    return ", ".join(f"{part.label} {part.written} ({part.percent})" for part in parts) + "."


def _hours_sentence(states: list[str], now_hour: int | None) -> str:
    spans = [f"{start:02}:00 to {end:02}:00" for start, end in _spans(states)]
    said = f"Open {' and '.join(spans)}." if spans else "Closed all day."
    if now_hour is not None and now_hour in HOURS:
        said += f" At {now_hour:02}:00, the hour it is there: {states[now_hour]}."
    return said


def _spans(states: list[str]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for hour, state in enumerate(states):
        if state == "closed":
            continue
        if spans and spans[-1][1] == hour:
            spans[-1] = (spans[-1][0], hour + 1)
        else:
            spans.append((hour, hour + 1))
    return spans
