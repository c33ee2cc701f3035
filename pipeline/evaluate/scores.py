"""The yardstick: how predictions are compared with gold. Definitions as in the project's scoring script (design.md).

Extraction: tokens are \\w+ of NFC lower case; F1 over the multiset of sapo and body, mean over pages. Title and sapo
are equal after NFC and white space; authors are the same set of names, roles and organisations aside; published is
equal to the minute. Each is counted only over pages whose gold has the field.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

Row = dict[str, Any]

_VIETNAM = dt.timezone(dt.timedelta(hours=7))
_SEPARATOR = re.compile(r"\s*(?:,|;|&|/|\+|\||\s[-–—]\s|-(?=\s)|\bvà\b)\s*")
_ROLE = re.compile(r"^(theo|bài|tin|ảnh|tin, ảnh|thực hiện)\s*:\s*")
_NO_NAME = re.compile(
    r"^(nhóm )?(pv|phóng viên|ctv|bt|bbt|nhóm pv|tổng hợp|tin|bài|ảnh|ghi|theo.*"
    r"|(báo )?(vov|ttxvn|vtv|vgp|tto|nld|đttc|reuters|afp)\b.*|.*\.(vn|com)|.*-đbscl"
    r"|.*cơ quan.*|vietnamnet|người lao động|vcamp)$"
)


def flat(text: str | None) -> str:
    """NFC, white space collapsed."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def names(byline: str | None) -> frozenset[str]:
    """The names in a byline."""
    plain = re.sub(r"[([].*?[)\]]", " ", flat(byline).lower())
    parts = (_ROLE.sub("", part).strip(" .") for part in _SEPARATOR.split(plain))
    return frozenset(part for part in parts if part and not _NO_NAME.match(part))


def minute(time: str | None) -> str | None:
    """An ISO time to the minute in Vietnam."""
    if not time:
        return None
    moment = dt.datetime.fromisoformat(time)
    return (moment.astimezone(_VIETNAM) if moment.tzinfo else moment).strftime("%Y-%m-%d %H:%M")


def text_f1(predicted: Row, gold: Row) -> float:
    """F1 of the tokens of sapo and body."""
    a, b = _tokens(predicted), _tokens(gold)
    return 2 * (a & b).total() / ((a + b).total() or 1)


def field_verdicts(predicted: Row, gold: Row) -> dict[str, bool]:
    """For each field the gold has: whether the prediction is right."""
    verdicts = {"title": flat(predicted.get("title")) == flat(gold["title"])}
    if gold["sapo"] is not None:
        verdicts["sapo"] = flat(predicted.get("sapo")) == flat(gold["sapo"])
    if names(gold["author"]):
        verdicts["author"] = names(predicted.get("author")) == names(gold["author"])
    if gold["published"]:
        verdicts["published"] = minute(predicted.get("published")) == minute(gold["published"])
    return verdicts


def score_extraction(predictions: Iterable[Row], gold: Sequence[Row]) -> Row:
    """Figures over all gold pages; a page without a prediction counts as empty."""
    by_url = {row["url"]: row for row in predictions}
    hits: defaultdict[str, list[float]] = defaultdict(list)
    by_outlet: defaultdict[str, list[float]] = defaultdict(list)
    for page in gold:
        predicted = by_url.get(page["url"], {})
        f1 = text_f1(predicted, page)
        hits["f1"].append(f1)
        by_outlet[page["outlet"]].append(f1)
        for field, right in field_verdicts(predicted, page).items():
            hits[field].append(right)
    return {
        "pages": len(gold),
        "missing": sum(page["url"] not in by_url for page in gold),
        **{field: _mean(hits[field]) for field in ("f1", "title", "sapo", "author", "published")},
        "n": {field: len(values) for field, values in hits.items()},
        "by_outlet": {outlet: _mean(values) for outlet, values in sorted(by_outlet.items())},
    }


def score_mentions(predictions: Sequence[Row], gold: Sequence[Row]) -> Row:
    """Precision and recall by article: of the portal, its senses, and each sense of nq68; by who labelled."""
    by_id = {row["id"]: row for row in predictions}
    named = {sense for row in gold for sense in row["label"]["nq68"]} | {
        s for row in predictions for s in row.get("nq68", [])
    }
    senses = sorted(named - {"unresolved"})
    portals = sorted({sense for row in gold for sense in row["label"].get("portal_senses", [])})
    portal: Row = {}
    portal_senses: dict[str, Row] = {sense: {} for sense in portals}
    nq68: dict[str, Row] = {sense: {} for sense in senses}
    for labeller in ("read", "pattern", "all"):
        pairs = [(by_id.get(row["id"], {}), row["label"]) for row in gold if labeller in ("all", row["label"]["by"])]
        if not pairs:
            continue
        portal[labeller] = _counts((bool(p.get("portal")), label["portal"]) for p, label in pairs)
        for sense in portals:
            portal_senses[sense][labeller] = _counts(
                (sense in p.get("portal_senses", []), sense in label["portal_senses"])
                for p, label in pairs
                if "portal_senses" in label
            )
        for sense in senses:
            nq68[sense][labeller] = _counts((sense in p.get("nq68", []), sense in label["nq68"]) for p, label in pairs)
    all_senses = [row["all"] for row in portal_senses.values() if row.get("all")]
    f1 = [2 * c["tp"] / ((2 * c["tp"] + c["fp"] + c["fn"]) or 1) for c in all_senses]
    return {
        "articles": len(gold),
        "missing": sum(row["id"] not in by_id for row in gold),
        "portal_senses_macro_f1": _mean(f1),
        "portal": portal,
        "portal_senses": portal_senses,
        "nq68": nq68,
    }


def _tokens(row: Row) -> Counter[str]:
    text = (row.get("sapo") or "") + "\n" + (row.get("body") or "")
    return Counter(re.findall(r"\w+", flat(text).lower()))


def _counts(pairs: Iterable[tuple[bool, bool]]) -> Row:
    counted = Counter(pairs)
    tp, fp, fn = counted[True, True], counted[True, False], counted[False, True]
    return {
        "precision": round(tp / (tp + fp), 4) if tp + fp else None,
        "recall": round(tp / (tp + fn), 4) if tp + fn else None,
        "tp": tp,
        "fp": fp,
        "fn": fn,
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
