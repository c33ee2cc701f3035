"""A chart as a picture: PNG for mail and Word, SVG for the PDF, both of one Vega-Lite specification.

Places, layers and their words are data of the specification, never code in it. Layers differ in lightness, so that a
print in black and white tells them apart.
"""

from __future__ import annotations

import io
import textwrap
from decimal import Decimal
from typing import Any

import vl_convert
from PIL import Image

from reports.document import Bar, Chart, Summary
from reports.letters import shown
from reports.vietnamese import number
from reports.wording import NO_DATA

#: Liberation Sans is inside vl-convert, with all letters of Vietnamese; Libertinus Serif is what Typst has for an SVG
#: where it has no other font.
_FONT = "Liberation Sans, Libertinus Serif, sans-serif"
#: Fill, and the colour of a number that stands on it. Lightness falls and rises, so that neighbours differ in grey too.
_LOOKS = (
    ("#1f4e79", "#ffffff"),
    ("#c9d9e8", "#000000"),
    ("#7a7a7a", "#ffffff"),
    ("#ffffff", "#000000"),
    ("#000000", "#ffffff"),
)
_WIDTH = 680
_HEIGHT = 300
_LINE = 14
#: Of the longest bar: a layer shorter than that has no room for its number.
_ROOM = 0.07
_SCALE = 2
_COLOURS = 64


def png(chart: Chart) -> bytes:
    """The picture at twice its size(), in 64 colours: about 20 KB."""
    drawn = vl_convert.vegalite_to_png(_specification(chart), scale=_SCALE)
    with Image.open(io.BytesIO(drawn)) as image:
        # On white: some mail programs show what is transparent as black.
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    small = io.BytesIO()
    white.quantize(_COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def pictures(summary: Summary) -> dict[str, bytes]:
    """The PNG of each chart by its name."""
    return {chart.name: png(chart) for chart in summary.charts}


def svg(chart: Chart) -> str:
    return str(vl_convert.vegalite_to_svg(_specification(chart)))


def size(chart: Chart) -> tuple[int, int]:
    """Width and height in CSS pixels."""
    return _WIDTH, _height(chart)


def _height(chart: Chart) -> int:
    legend = _LINE * 2 * len(_legend_rows(chart))
    if not _is_drawn(chart):
        return 90
    if not chart.sideways:
        return _HEIGHT + legend
    labels = _labels(chart)
    return 60 + legend + (_LINE + 2) * max(2, *map(len, labels)) * len(labels)


def _is_drawn(chart: Chart) -> bool:
    return any(bar.figure.value for bar in chart.bars)


def _places(chart: Chart) -> list[str]:
    return list(dict.fromkeys(bar.place for bar in chart.bars))


def _layers(chart: Chart) -> list[str]:
    return list(dict.fromkeys(bar.layer for bar in chart.bars))


def _legend_rows(chart: Chart) -> list[str]:
    """One layer alone needs no legend: the title names it."""
    layers = _layers(chart)
    if len(layers) < 2:
        return []
    return layers if sum(len(layer) + 6 for layer in layers) > 90 else layers[:1]


def _labels(chart: Chart) -> list[list[str]]:
    """The lines of each place's name. None is cut: what is too long for its room has more lines."""
    places = [_one_line(place) for place in _places(chart)]
    room = 38 if chart.sideways else max(4, 90 // max(1, len(places)) - 1)
    upright = not chart.sideways and _turned(places)
    return [textwrap.wrap(place, 30 if upright else room) or [" "] for place in places]


def _turned(places: list[str]) -> bool:
    """Whether names stand upright below their bars: many of them, and one too long to lie."""
    return len(places) > 12 and max(map(len, places)) > 90 // len(places)


def _specification(chart: Chart) -> dict[str, Any]:
    drawn = _is_drawn(chart)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": _WIDTH,
        "height": _height(chart),
        "autosize": {"type": "fit", "contains": "padding"},
        "background": "#ffffff",
        "padding": 8,
        "config": {
            "font": _FONT,
            "aria": False,
            "locale": {"number": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}},
            "view": {"stroke": None},
            "axis": {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal", "gridColor": "#d9d9d9"},
            "legend": {"labelFontSize": 11, "labelLimit": 0, "symbolStrokeWidth": 1},
            "text": {"fontSize": 11},
        },
        # Parameters are data: an axis looks its labels up in them by number.
        "params": [
            {"name": "labels", "value": _labels(chart)},
            {"name": "layers", "value": [_one_line(layer) for layer in _layers(chart)]},
        ],
        **(_bars(chart) if drawn else _nothing()),
    }


def _nothing() -> dict[str, Any]:
    return {
        "data": {"values": [{"told": NO_DATA}]},
        "mark": {"type": "text", "fontSize": 16},
        "encoding": {"text": {"field": "told", "type": "nominal"}},
    }


def _step(longest: float) -> int:
    """1, 2 or 5 of a power of ten, so that an axis has at most eight steps."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if longest / (digit * power) <= 8:
                return digit * power
        power *= 10


def _bars(chart: Chart) -> dict[str, Any]:
    place, count = ("y", "x") if chart.sideways else ("x", "y")
    turned = not chart.sideways and _turned(_places(chart))
    values = _values(chart)
    whole = all(float(value["to"]).is_integer() for value in values)
    longest = max(float(value["to"]) for value in values)
    axis = {
        "labelExpr": "labels[datum.value]",
        "labelLimit": 0,
        "labelAngle": -90 if turned else 0,
        "labelOverlap": False,
        "title": None,
        "ticks": False,
        "labelPadding": 4,
    }
    # Given, not left to the library, which halves the steps of a short axis.
    whole_ticks = {"values": list(range(0, int(longest) + 1, _step(longest))), "format": ",d"}
    ticks = whole_ticks if whole else {"format": ",.1f"}
    # All places, those without a bar too.
    places = len(_places(chart))
    bands = {"domain": list(range(places)), "paddingInner": 0.25 if chart.sideways or places > 4 else 0.6}
    encoded = {
        place: {"field": "place", "type": "ordinal", "axis": axis, "scale": bands},
        count: {
            "field": "from",
            "type": "quantitative",
            "title": _one_line(chart.unit),
            "axis": ticks,
            # Room for the number behind the longest bar.
            "scale": {"domain": [0, longest * (1.2 if chart.sideways else 1.08)], "nice": False},
        },
    }
    fills = [_LOOKS[number % len(_LOOKS)][0] for number in range(len(_layers(chart)))]
    colour = {
        "field": "layer",
        "type": "ordinal",
        "scale": {"domain": list(range(len(fills))), "range": fills},
        "legend": _legend(chart),
    }
    at_end = {"align": "left", "dx": 3, "baseline": "middle"} if chart.sideways else {"baseline": "bottom", "dy": -2}
    small = {"fontSize": 9} if not chart.sideways and len(_places(chart)) > 12 else {}
    return {
        "data": {"values": values},
        "encoding": encoded,
        "layer": [
            {
                "mark": {"type": "bar", "stroke": "#000000", "strokeWidth": 0.6},
                "encoding": {f"{count}2": {"field": "to"}, "color": colour},
            },
            {
                "mark": {"type": "text", **at_end, **small},
                "encoding": {count: {"field": "to", "type": "quantitative"}, "text": {"field": "behind"}},
            },
            {
                "mark": {"type": "text", "baseline": "middle", **small},
                "encoding": {
                    count: {"field": "middle", "type": "quantitative"},
                    "text": {"field": "inside"},
                    "color": {"field": "ink", "type": "nominal", "scale": None},
                },
            },
        ],
    }


def _legend(chart: Chart) -> dict[str, Any] | None:
    rows = _legend_rows(chart)
    if not rows:
        return None
    columns = 1 if len(rows) > 1 else len(_layers(chart))
    return {
        "title": None,
        "orient": "top",
        "labelExpr": "layers[datum.value]",
        "columns": columns,
        "symbolType": "square",
    }


def _values(chart: Chart) -> list[dict[str, Any]]:
    """Each layer from where the one below it ends. Layers aren't added up in print: no query gives such a sum."""
    layers, places = _layers(chart), _places(chart)
    by_place = [[bar for bar in chart.bars if bar.place == place] for place in places]
    longest = max(sum(_length(bar) for bar in bars) for bars in by_place)
    wide = chart.sideways or len(places) <= 12
    values: list[dict[str, Any]] = []
    for position, bars in enumerate(by_place):
        reached = 0.0
        shown = [bar for bar in bars if bar.figure.value]
        # A number stands in its layer where there is room; else all of them stand behind the bar.
        behind = len(shown) == 1 or (wide and any(_length(bar) < _ROOM * longest for bar in shown))
        for bar in shown:
            layer, length = layers.index(bar.layer), _length(bar)
            values.append(
                {
                    "place": position,
                    "layer": layer,
                    "from": reached,
                    "middle": reached + length / 2,
                    "to": reached + length,
                    "inside": "" if behind or length < _ROOM * longest else _told(bar),
                    "behind": " + ".join(map(_told, shown)) if behind and bar is shown[-1] else "",
                    "ink": _LOOKS[layer % len(_LOOKS)][1],
                }
            )
            reached += length
    return values


def _one_line(text: str) -> str:
    """Without a character that another font would have to lend."""
    return " ".join(shown(text).split())


def _length(bar: Bar) -> float:
    return float(bar.figure.value or 0)


def _told(bar: Bar) -> str:
    value = bar.figure.value
    # Queries give decimals too, which `number` takes for no numbers of ours.
    return number(float(value) if isinstance(value, Decimal) else value)
