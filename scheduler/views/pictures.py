"""Charts as SVG, PNG and HTML, drawn without a network, and safe against markup in names.

Vega writes an SVG as text. It is read again here, and only what a chart is made of is kept (shapes, text, clips and
gradients, with attributes that draw); so whatever a name holds, it is text. The page of HTML has Vega in
it; what a browser runs of it is named by its digest in the page's content security policy, and the charts are data.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from scheduler.jobs import UsageError
from scheduler.views.extras import extra

if TYPE_CHECKING:
    from scheduler.views.marks import Chart

MAX_SPEC = 8_000_000  # characters
MAX_SIDE = 20_000  # pixels
PNG_SCALE = 2
GAP = 24
SVG = "http://www.w3.org/2000/svg"
TAGS = frozenset({"svg", "g", "path", "rect", "line", "text", "tspan", "defs", "clipPath", "linearGradient", "stop"})
DRAWING = (
    "class width height viewBox version fill stroke stroke-width stroke-dasharray stroke-dashoffset stroke-miterlimit "
    "stroke-opacity stroke-linecap stroke-linejoin fill-opacity opacity transform d x y x1 x2 y1 y2 rx ry r dx dy "
    "text-anchor font-family font-size font-weight font-style clip-path id offset stop-color stop-opacity "
    "dominant-baseline display gradientUnits"
)
ATTRIBUTES = frozenset(DRAWING.split(" "))
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"

# The line of a page that draws its charts; in the interpreter of Vega, as the page forbids to evaluate text.
STARTER = """
for (const place of document.querySelectorAll("script[type='application/json']")) {
  const target = document.createElement("div");
  place.after(target);
  vegaEmbed(target, JSON.parse(place.textContent), {
    ast: true, logLevel: 1, actions: false, renderer: "svg", defaultStyle: false, tooltip: {disableDefaultStyle: true}
  }).catch(error => { target.textContent = String(error); });
}
"""
STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #1c2126; --rule: #c9d0d6; }
@media (prefers-color-scheme: dark) { :root { --page: #15191d; --ink: #e4e8eb; --rule: #414a52; } }
body { margin: 2rem auto; max-width: 740px; padding: 0 1rem; background: var(--page); color: var(--ink);
  font: 15px/1.45 Arial, Helvetica, sans-serif; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
.vega-embed { margin: 0 0 2rem; overflow-x: auto; }
#vg-tooltip-element { visibility: hidden; position: fixed; z-index: 9; padding: .4rem .6rem; font-size: 12px;
  border: 1px solid var(--rule); border-radius: 3px; background: var(--page); pointer-events: none; }
#vg-tooltip-element.visible { visibility: visible; }
#vg-tooltip-element td.key { padding-right: .6rem; opacity: .7; text-align: right; }
"""


def svg(charts: Sequence[Chart], *, page: bool = False, place: int = 0) -> str:
    """Charts below each other as one SVG on white, or for a `page` in its own ink, on nothing.

    `place` is that of the first chart among those of the page, which may not share names of clips and gradients. The
    same charts give the same text. About 0.1 s a chart, and half a second for the first. Raises UsageError if a
    chart cannot be drawn, or if a library is absent.
    """
    drawn = [_element(chart, page=page) for chart in charts]
    for count, each in enumerate(drawn):
        _rename(each, place + count)
    if len(drawn) == 1:
        return ET.tostring(drawn[0], encoding="unicode")
    width = max(_size(each, "width") for each in drawn)
    height = sum(_size(each, "height") for each in drawn) + GAP * (len(drawn) - 1)
    whole = ET.Element(
        f"{{{SVG}}}svg", {"width": str(width), "height": str(height), "viewBox": f"0 0 {width} {height}"}
    )
    if not page:
        whole.append(ET.Element(f"{{{SVG}}}rect", {"width": str(width), "height": str(height), "fill": "white"}))
    top = 0
    for each in drawn:
        each.set("y", str(top))
        top += _size(each, "height") + GAP
        whole.append(each)
    return ET.tostring(whole, encoding="unicode")


def png(charts: Sequence[Chart]) -> bytes:
    """Charts below each other as one PNG on white, two pixels for one. Raises as `svg`."""
    text = svg(charts)
    with extra("a picture"):
        import vl_convert  # noqa: PLC0415
    try:
        return vl_convert.svg_to_png(text, scale=PNG_SCALE)
    except (ValueError, RuntimeError, OSError) as error:
        raise _cannot(error) from None


def html(charts: Sequence[Chart], title: str) -> str:
    """A page with charts that show their numbers under the pointer; it stands alone and asks no network.

    It is in the light or dark of its reader. About 0.9 MB; 4 s for the first of a process. Raises as `svg`.
    """
    specs = [_data(_spec(chart, page=True)) for chart in charts]
    bundle = _bundle()
    policy = (
        f"default-src 'none'; script-src {digest(bundle)} {digest(STARTER)}; style-src {digest(STYLE)}; "
        "base-uri 'none'; form-action 'none'"
    )
    blocks = "\n".join(f'<script type="application/json">{spec}</script>' for spec in specs)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n"
        f"{blocks}\n<script>{bundle}</script>\n<script>{STARTER}</script>\n</body>\n</html>\n"
    )


def digest(text: str) -> str:
    """What a content security policy calls an inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(spec: dict[str, Any]) -> str:
    r"""A spec as JSON inside an element of HTML, which no text in it can end.

    >>> _data({"a": "</script>"})
    '{"a": "\\u003c/script>"}'
    """
    return json.dumps(spec).replace("<", "\\u003c")


@cache
def _bundle() -> str:
    """Vega, Vega-Lite and their embedding, as one script."""
    with extra("a page"):
        import vl_convert  # noqa: PLC0415
    text = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # An element of HTML ends at the first such text in it, wherever it stands.
    return re.sub(r"<(?=/script|!--|script)", r"\\x3c", text, flags=re.IGNORECASE)


def _config(*, page: bool) -> dict[str, Any]:
    """How a chart looks: on paper, or in the ink of its page."""
    ink = "currentColor" if page else "#1c2126"
    axis = {"labelColor": ink, "titleColor": ink, "domainColor": ink, "tickColor": ink, "gridColor": ink}
    quiet = {"gridOpacity": 0.13, "domainOpacity": 0.5, "tickOpacity": 0.5, "titleFontWeight": "normal"}
    return {
        "background": "transparent" if page else "white",
        "padding": 8,
        "font": FONT,
        "aria": False,
        "view": {"stroke": None},
        "axis": {**axis, **quiet, "labelFontSize": 11, "titleFontSize": 12, "titlePadding": 6},
        "axisX": {"grid": False},
        "legend": {"labelColor": ink, "titleColor": ink, "orient": "top", "labelFontSize": 11, "titleFontSize": 11}
        | {
            "titleFontWeight": "normal",
            "symbolStrokeWidth": 2,
            "columns": 3,
            "labelLimit": 300,
            "titleLimit": 300,
            "symbolSize": 120,
            "columnPadding": 24,
        },
        "title": {"color": ink, "subtitleColor": ink, "anchor": "start", "fontSize": 14, "subtitleFontSize": 12}
        | {"offset": 8, "limit": 680},
        "text": {"color": ink},
        "rule": {"color": ink},
    }


def _spec(chart: Chart, *, page: bool) -> dict[str, Any]:
    """A chart as Vega-Lite. Raises UsageError for one that is too large to draw."""
    spec: dict[str, Any] = _printable(chart.to_dict())
    spec["config"] = _config(page=page)
    sides = [side for side in (spec.get("width"), spec.get("height")) if isinstance(side, int | float)]
    if max(sides, default=0) > MAX_SIDE or len(json.dumps(spec)) > MAX_SPEC:
        raise UsageError(
            f"the chart is too large to draw: at most {MAX_SIDE:,} pixels a side and {MAX_SPEC:,} characters of data"
        )
    return spec


def _element(chart: Chart, *, page: bool) -> ET.Element:
    """A chart as an element of SVG, with nothing in it but what draws."""
    with extra("a picture"):
        import vl_convert  # noqa: PLC0415
    try:
        # No address is allowed: a chart brings its data.
        text = vl_convert.vegalite_to_svg(_spec(chart, page=page), allowed_base_urls=[])
        root = ET.fromstring(text)  # noqa: S314 - written by Vega a line above, without a document type
    except (ValueError, RuntimeError, OSError, ET.ParseError) as error:
        raise _cannot(error) from None
    _clean(root)
    return root


def _printable(value: Any) -> Any:
    """A spec without the characters that XML has not; at a NUL, vl-convert ends the whole process."""
    if isinstance(value, str):
        return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_printable(each) for each in value]
    return {name: _printable(each) for name, each in value.items()} if isinstance(value, dict) else value


def _clean(element: ET.Element) -> None:
    for child in list(element):
        if child.tag.removeprefix(f"{{{SVG}}}") in TAGS:
            _clean(child)
        else:
            element.remove(child)
    for name, value in list(element.attrib.items()):
        outside = "url(" in value and not re.fullmatch(r"url\(#\w+\)", value)
        if name not in ATTRIBUTES or outside:
            del element.attrib[name]


def _rename(element: ET.Element, place: int) -> None:
    """Give the clips and gradients of a chart names that no other chart of the page has."""
    names = {each.attrib["id"]: f"c{place}-{count}" for count, each in enumerate(element.findall(".//*[@id]"))}
    for each in element.iter():
        for name, value in each.attrib.items():
            if name == "id":
                each.set(name, names[value])
            elif value.startswith("url(#"):
                each.set(name, f"url(#{names.get(value[5:-1], 'none')})")


def _size(element: ET.Element, side: str) -> int:
    return round(float(element.attrib[side]))


def _cannot(error: Exception) -> UsageError:
    first = str(error).strip().partition("\n")[0]
    return UsageError(f"the chart cannot be drawn: {first[:300]}")


ET.register_namespace("", SVG)
