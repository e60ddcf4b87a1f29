"""A laid out timeline as SVG, drawn by Vega-Lite (vl-convert). Its colours are variables of CSS, so that the page
chooses them, for light and dark.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from .shapes import Area, Picture

_AXIS = 30.0
"""The height of the axis, in pixels."""
_FONT = "Helvetica, Arial, sans-serif"
_SHAPES = {
    "dot": "circle",
    "ring": "circle",
    "diamond": "diamond",
    "cross": "M-.5,-.5L.5,.5M.5,-.5L-.5,.5",
}
_SIZES = {"dot": 40, "ring": 150, "diamond": 80, "cross": 110}
_X: Mapping[str, Any] = {"field": "x", "type": "quantitative", "scale": None, "axis": None}
_Y: Mapping[str, Any] = {"field": "y", "type": "quantitative", "scale": None, "axis": None}


def drawn(picture: Picture) -> str:
    """The picture as the text of an SVG element. It holds neither scripts, styles nor ids, and loads nothing."""
    import vl_convert  # noqa: PLC0415 - only a run that wants HTML needs it

    svg: str = vl_convert.vegalite_to_svg(_specification(picture))
    return _small(svg, picture.format.width)


def _specification(picture: Picture) -> dict[str, Any]:
    at, places = picture.axis.ticks()
    layers = [
        _boxes(picture.back),
        _axis(picture, at, places),
        _rules(picture.lines),
        *(_area(each) for each in picture.areas),
        _boxes(picture.bars),
        _rules(picture.links),
        _boxes(picture.covers),
        _glyphs(picture, filled=True),
        _glyphs(picture, filled=False),
        *_texts(picture),
    ]
    return {
        "width": picture.format.width,
        "height": picture.height,
        "padding": {"left": 0, "right": 0, "top": 2, "bottom": 2},
        "autosize": {"type": "none", "contains": "padding"},
        "background": None,
        "layer": [each for each in layers if each is not None],
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "config": {"view": {"stroke": None}, "font": _FONT, "text": {"font": _FONT}, "aria": False},
    }


def _colour(role: str) -> str:
    return f"var(--{role})"


def _layer(mark: Mapping[str, Any], values: list[dict[str, Any]], **encoding: Any) -> dict[str, Any] | None:
    if not values:
        return None
    return {
        "data": {"values": values},
        "mark": {"aria": False, "clip": False, **mark},
        "encoding": {"x": _X, "y": _Y, **encoding},
    }


def _axis(picture: Picture, at: list[float], places: int) -> dict[str, Any]:
    axis = picture.axis
    return {
        "data": {"values": [{"at": axis.seconds[0]}]},
        "mark": {"type": "rule", "aria": False, "opacity": 0},
        "encoding": {
            "x": {
                "field": "at",
                "type": "quantitative",
                "scale": {
                    "domain": list(axis.seconds),
                    "range": list(axis.pixels),
                    "nice": False,
                    "zero": False,
                },
                "axis": {
                    "values": at,
                    "format": f".{places}f",
                    "labelExpr": "datum.label + ' s'",
                    "title": None,
                    "grid": True,
                    "offset": 0,
                    "gridColor": _colour("grid"),
                    "tickColor": _colour("muted"),
                    "domain": False,
                    "labelColor": _colour("muted"),
                    "labelFontSize": 11,
                    "labelOverlap": False,
                    "labelBound": False,
                    "labelFlush": False,
                    "aria": False,
                },
            }
        },
    }


def _boxes(boxes: Iterable[Any]) -> dict[str, Any] | None:
    values = [
        {
            "x": each.left,
            "x2": each.right,
            "y": each.top,
            "y2": each.bottom,
            "fill": _colour(each.fill),
            "edge": _colour("ink") if each.dashed else None,
        }
        for each in boxes
    ]
    return _layer(
        {"type": "rect", "strokeDash": [3, 2]},
        values,
        x2={"field": "x2"},
        y2={"field": "y2"},
        fill={"field": "fill", "type": "nominal", "scale": None},
        stroke={"field": "edge", "type": "nominal", "scale": None},
    )


def _area(area: Area) -> dict[str, Any] | None:
    values = [{"x": x, "y": area.bottom - height, "y2": area.bottom} for x, height in area.steps]
    return _layer(
        {"type": "area", "interpolate": "step-after", "color": _colour(area.fill)}, values, y2={"field": "y2"}
    )


def _rules(lines: Iterable[Any]) -> dict[str, Any] | None:
    values = [
        asdict(each) | {"colour": _colour(each.colour), "dash": [4, 3] if each.dashed else [1, 0]}
        for each in lines
    ]
    return _layer(
        {"type": "rule"},
        values,
        x2={"field": "x2"},
        y2={"field": "y2"},
        color={"field": "colour", "type": "nominal", "scale": None},
        size={"field": "width", "type": "quantitative", "scale": None},
        strokeDash={"field": "dash", "type": "nominal", "scale": None},
    )


def _glyphs(picture: Picture, *, filled: bool) -> dict[str, Any] | None:
    outlined = {"ring", "cross"}
    values = [
        {
            "x": each.x,
            "y": each.y,
            "shape": _SHAPES[each.shape],
            "size": _SIZES[each.shape],
            "colour": _colour(each.colour),
        }
        for each in picture.glyphs
        if (each.shape in outlined) is not filled
    ]
    return _layer(
        {"type": "point", "filled": filled, "opacity": 1, "strokeWidth": 2},
        values,
        color={"field": "colour", "type": "nominal", "scale": None},
        shape={"field": "shape", "type": "nominal", "scale": None},
        size={"field": "size", "type": "quantitative", "scale": None},
    )


def _texts(picture: Picture) -> Iterable[dict[str, Any] | None]:
    """A layer for each alignment and weight, which Vega-Lite does not encode."""
    kinds = sorted({(each.align, each.bold) for each in picture.words})
    for align, bold in kinds:
        values = [
            {"x": each.x, "y": each.y, "text": each.text, "colour": _colour(each.colour), "size": each.size}
            for each in picture.words
            if (each.align, each.bold) == (align, bold)
        ]
        yield _layer(
            {
                "type": "text",
                "align": align,
                "baseline": "middle",
                "fontWeight": "bold" if bold else "normal",
            },
            values,
            text={"field": "text", "type": "nominal"},
            color={"field": "colour", "type": "nominal", "scale": None},
            size={"field": "size", "type": "quantitative", "scale": None},
        )


_OPENING = re.compile(r"^<svg [^>]*>")
_DECIMALS = re.compile(r"(\d+\.\d)\d+")
_EMPTY = re.compile(r'<path class="(?:background|foreground)"[^>]*/>')
_NEEDLESS = re.compile(
    r' (?:class="[^"]*"|role="[^"]*"|aria-[a-z]+="[^"]*"|pointer-events="[^"]*"|opacity="1"|font-family="[^"]*"'
    r'|stroke-dasharray="1,0")'
)
_AGAIN = re.compile(r"(L[\d.]+,[\d.]+)\1+")
"""The same point again, since the steps of an area are drawn with each corner twice."""


def _small(svg: str, width: float) -> str:
    """The SVG without what a page does not need, since a page may hold a hundred of them."""
    height = float(found[1]) if (found := re.search(r' height="([\d.]+)"', svg)) else 0.0
    parts = re.split(r"(<text[^>]*>[^<]*</text>)", _OPENING.sub("", svg))
    return f'<svg viewBox="0 0 {width:g} {height + _AXIS:g}" font-family="{_FONT}">' + "".join(
        _tags(part) for part in parts
    )


def _tags(part: str) -> str:
    """The part without needless attributes; the content of a text stays as it is."""
    if not part.startswith("<text"):
        return _AGAIN.sub(r"\1", _DECIMALS.sub(r"\1", _NEEDLESS.sub("", _EMPTY.sub("", part))))
    opening, _, rest = part.partition(">")
    return _DECIMALS.sub(r"\1", _NEEDLESS.sub("", opening)) + f">{rest}"
