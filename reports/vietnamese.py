"""How Vietnamese administrative documents write numbers and dates, and how press text is made safe to print."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from config.clock import VIETNAM

_SWAP = str.maketrans(",.", ".,")


def number(value: float | None) -> str:
    """1234 -> "1.234"; 12.34 -> "12,3": one decimal, half up, as a reader rounds; None -> "–"."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}".translate(_SWAP)
    return f"{_tenth(value):,}".translate(_SWAP)


def percent(value: float | None) -> str:
    """12.34 -> "12,3%"."""
    return "–" if value is None else f"{number(float(value))}%"


def signed(value: float) -> str:
    """3 -> "+3"; -3 -> "-3"; 0 -> "0". What rounds to nothing carries no sign."""
    text = number(value)
    return f"+{text}" if text.strip("0,") and value > 0 else text.removeprefix("-") if not text.strip("-0,") else text


def day(value: dt.date) -> str:
    """dd/mm/yyyy."""
    return value.strftime("%d/%m/%Y")


def moment(value: dt.datetime) -> str:
    """Day and time in Vietnam: "05/07/2021, 08:30"."""
    return value.astimezone(VIETNAM).strftime("%d/%m/%Y, %H:%M")


def one_line(text: str) -> str:
    """Press text as one line: white space folded, control and direction-changing characters out."""
    spaced = "".join(" " if ch.isspace() or unicodedata.category(ch) == "Cc" else ch for ch in text)
    visible = "".join(ch for ch in spaced if unicodedata.category(ch) != "Cf")
    return re.sub(" +", " ", visible).strip()


def web_address(url: str) -> str | None:
    """The address where it may be a link: http or https, without white space, quotes or brackets; else None."""
    return url if re.fullmatch(r"""https?://[^\s<>"'\\^`{}|]+""", url) and one_line(url) == url else None


def _tenth(value: float) -> Decimal:
    rounded = Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return rounded if rounded else Decimal("0.0")
