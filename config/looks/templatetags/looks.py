"""The page's own words: small pieces of HTML that every page shares. /style/ shows each of them alive."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm
from django.http import QueryDict
from django.template import Context, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from config import clock
from config.looks import charts, sorting, times
from config.looks.icons import ICONS
from config.looks.themes import theme_of

register = template.Library()

KIND_ICONS = {"neutral": "info", "info": "info", "good": "check", "warn": "warning", "bad": "error"}


def _kind(kind: str) -> str:
    if kind not in KIND_ICONS:
        raise TemplateSyntaxError(f"There is no kind {kind!r}. Kinds: {', '.join(KIND_ICONS)}.")
    return kind


def _query(context: Context, **changes: object) -> str:
    """The page's own query with these changes; "?" where nothing is left of it."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


# Signs


@register.simple_tag(name="icon")
def draw_icon(name: str, label: str = "", size: int = 20) -> SafeString:
    if name not in ICONS:
        raise TemplateSyntaxError(f"There is no icon {name!r}. Icons: {', '.join(sorted(ICONS))}.")
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon" width="{}" height="{}" viewBox="0 0 24 24" focusable="false" {}><path d="{}"/></svg>',
        size,
        size,
        said,
        ICONS[name],
    )


@register.simple_tag
def badge(text: object, kind: str = "neutral", icon: str = "") -> SafeString:
    sign = draw_icon(icon, size=14) if icon else SafeString('<span class="dot" aria-hidden="true"></span>')
    return format_html('<span class="badge {}">{}{}</span>', _kind(kind), sign, text)


@register.inclusion_tag("looks/person.html")
def person(user: Any, *, email: bool = False) -> dict[str, object]:
    name = str(user)
    initials = "".join(word[0] for word in name.split()[:2]).upper() or "?"
    return {"name": name, "initials": initials, "email": getattr(user, "email", "") if email else ""}


# The page's frame


@register.simple_tag(takes_context=True)
def theme_attribute(context: Context) -> SafeString:
    """Read where the page is written, so that the first paint is already right."""
    theme = theme_of(context.get("request"))
    return format_html(' data-theme="{}"', theme) if theme != "auto" else SafeString("")


@register.simple_tag(takes_context=True)
def chosen_theme(context: Context) -> str:
    return theme_of(context.get("request"))


@register.simple_tag(takes_context=True)
def nav_current(context: Context, *url_names: str) -> SafeString:
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    current = match is not None and match.view_name in url_names
    return SafeString(' aria-current="page"') if current else SafeString("")


@register.simple_tag
def crumb(text: object, url: str = "") -> SafeString:
    if url:
        return format_html('<li><a href="{}">{}</a></li>', url, text)
    return format_html('<li aria-current="page">{}</li>', text)


# Pieces


@register.inclusion_tag("looks/tile.html")
def tile(
    label: str,
    value: object,
    *,
    note: str = "",
    kind: str = "neutral",
    url: str = "",
    values: Iterable[object] | None = None,
) -> dict[str, object]:
    drawn = charts.sparkline(values, label=label) if values is not None else ""
    return {"label": label, "value": value, "note": note, "kind": _kind(kind), "url": url, "drawn": drawn}


@register.simple_block_tag(end_name="endbanner")
def banner(content: str, kind: str = "info", title: str = "") -> SafeString:
    return _block("looks/banner.html", kind=_kind(kind), sign=KIND_ICONS[kind], title=title, content=content)


@register.simple_block_tag(end_name="endempty")
def empty(content: str, icon: str, title: str) -> SafeString:
    return _block("looks/empty.html", sign=icon, title=title, content=content)


@register.simple_block_tag(end_name="enddialog")
def dialog(content: str, name: str, title: str) -> SafeString:
    return _block("looks/dialog.html", name=name, title=title, content=content)


def _block(template_name: str, **context: object) -> SafeString:
    return render_to_string(template_name, context)


@register.inclusion_tag("looks/post_button.html", takes_context=True)
def post_button(
    context: Context,
    url: str,
    text: str,
    *,
    icon: str = "",
    kind: str = "",
    confirm: str = "",
    name: str = "",
    value: str = "",
) -> dict[str, object]:
    """A verb as a button: a form of its own, by POST."""
    return {
        "csrf_token": context.get("csrf_token"),
        "url": url,
        "text": text,
        "sign": icon,
        "kind": kind,
        "confirm": confirm,
        "name": name,
        "value": value,
    }


@register.inclusion_tag("looks/copyable.html")
def copyable(text: str, *, label: str, once: bool = False) -> dict[str, object]:
    return {"text": text, "label": label, "once": once}


@register.inclusion_tag("looks/code_block.html")
def code_block(text: object, *, label: str) -> dict[str, object]:
    written = text if isinstance(text, str) else json.dumps(text, indent=2, ensure_ascii=False, default=str)
    return {"text": written, "label": label}


@register.simple_tag
def spinner(name: str = "", *, label: str = "Loading", shown: bool = False) -> SafeString:
    return format_html(
        '<span class="spinner htmx-indicator{}"{} role="status"><span class="said">{}</span></span>',
        " shown" if shown else "",
        format_html(' id="{}"', name) if name else "",
        label,
    )


@register.inclusion_tag("looks/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, object]:
    return {"form": form, "faulty": [field for field in form if field.errors]}


@register.filter
def label_and_description(text: object) -> tuple[str, str]:
    """A choice may say "Owner|Does everything": what it is called, and what it means."""
    label, _, description = str(text).partition("|")
    return label, description


# Tables


@register.simple_tag(takes_context=True)
def sort_header(context: Context, column: str, text: str, *, numeric: bool = False, default: str = "") -> SafeString:
    request = context.get("request")
    asked = (request.GET.get("sort") if request else "") or default
    link = sorting.sort_link(column, asked=asked)
    sign = {"ascending": "arrow-up", "descending": "arrow-down", "": "sort"}[link.aria]
    return format_html(
        '<th scope="col" class="sortable{}"{}><a href="{}">{}{}</a></th>',
        " number" if numeric else "",
        format_html(' aria-sort="{}"', link.aria) if link.aria else "",
        _query(context, sort=link.ask, page=None),
        text,
        draw_icon(sign, size=14),
    )


@register.inclusion_tag("looks/pagination.html", takes_context=True)
def pagination(context: Context, page: "Page[Any]") -> dict[str, object]:
    return {
        "page": page,
        "newer": _query(context, page=page.previous_page_number()) if page.has_previous() else "",
        "older": _query(context, page=page.next_page_number()) if page.has_next() else "",
    }


@register.inclusion_tag("looks/cursor_pages.html")
def cursor_pages(*, newer: str = "", older: str = "") -> dict[str, object]:
    return {"newer": newer, "older": older}


# Time


@register.simple_tag
def moment(when: datetime | None, empty: str = "never") -> SafeString | str:
    if when is None:
        return empty
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), times.exact(when))


@register.simple_tag(takes_context=True)
def relative_time(
    context: Context, when: datetime | None, now: datetime | None = None, empty: str = "never"
) -> SafeString | str:
    if when is None:
        return empty
    now = now or context.get("now") or clock.now()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', when.isoformat(), times.exact(when), times.relative(when, now=now)
    )


# Numbers as drawings


@register.inclusion_tag("looks/progress.html")
def progress(value: object, maximum: object = 100, *, label: str, kind: str = "info") -> dict[str, object]:
    whole, done = charts.amount(maximum), charts.amount(value)
    percent = round(100 * min(done, whole) / whole) if whole else None
    return {"label": label, "kind": _kind(kind), "percent": percent}


@register.simple_tag
def sparkline(values: Iterable[object], *, label: str) -> SafeString:
    return charts.sparkline(values, label=label)


@register.inclusion_tag("looks/bars.html")
def bars(pairs: Iterable[Sequence[object]], *, label: str) -> dict[str, object]:
    rows = [(pair[0], charts.amount(pair[1])) for pair in pairs]
    drawn = charts.bars(rows, label=label)
    ends = (rows[0][0], rows[-1][0]) if rows else ("", "")
    return {
        "label": label,
        "drawn": drawn,
        "rows": [(name, charts.written(value)) for name, value in rows],
        "ends": ends,
    }


@register.inclusion_tag("looks/ranked.html")
def ranked(pairs: Iterable[Sequence[object]], *, label: str) -> dict[str, object]:
    return {"label": label, "rows": charts.ranked(pairs)}


@register.inclusion_tag("looks/legend_chart.html")
def stacked_bar(parts: Iterable[Sequence[object]], *, label: str) -> dict[str, object]:
    drawn = charts.parts_of(parts)
    return {"label": label, "parts": drawn, "drawn": charts.stacked_bar(drawn, label=label), "shape": "across"}


@register.inclusion_tag("looks/legend_chart.html")
def donut(parts: Iterable[Sequence[object]], *, label: str, total_label: str = "") -> dict[str, object]:
    drawn = charts.parts_of(parts)
    return {
        "label": label,
        "parts": drawn,
        "drawn": charts.donut(drawn, label=label),
        "shape": "round",
        "total": charts.written(sum(part.value for part in drawn)),
        "total_label": total_label,
    }


@register.inclusion_tag("looks/hours_strip.html")
def hours_strip(hours: Iterable[object], *, label: str, now_hour: int | None = None) -> dict[str, object]:
    return {"label": label, "drawn": charts.hours_strip(hours, label=label, now_hour=now_hour)}
