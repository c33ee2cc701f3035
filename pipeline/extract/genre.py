"""What kind of piece the page itself says it is; none where it says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

# The Government's own words for them (domain.md C, "Product/genre detector"), as sections, kickers and tags print them.
_GENRES = (
    ("infographic", r"info(?:r)?graphics?|đồ h(?:ọa|oạ)"),
    ("video", r"video(?: clips?)?|clip|truyền hình|tv"),
    ("ảnh", r"(?:phóng sự |chùm |tin )?ảnh|photos?|photo news|gallery"),
    ("trực tuyến", r"(?:giao lưu |t(?:ọa|oạ) đàm |đối thoại )?trực tuyến|(?:tường thuật )?trực tiếp|live"),
    ("phỏng vấn", r"phỏng vấn|interviews?"),
    ("phóng sự", r"(?:bút ký |ký sự )?(?:[-–/,] ?)?phóng sự(?:(?: ?[-–/,] ?| )(?:điều tra|ký sự|ghi chép))?|ký sự"),
    ("thông cáo", r"thông cáo(?: báo chí)?|press releases?"),
    ("bài", r"bài(?: viết)?"),
    ("tin", r"tin(?: vắn| ngắn| nhanh)?"),
)
_LABEL = re.compile("|".join(f"({label})" for _, label in _GENRES), re.IGNORECASE)
_PREFIX = re.compile(r"^\s*(?:[\[(]\s*(?P<tag>[^\])]{2,30}?)\s*[\])]|(?P<word>[^:|]{2,30}?)\s*[:|])")
_SIGNED = re.compile(r"^\s*(tin|bài)(?:\s*(?:[,&-]|và)\s*(?:ảnh|video|clip|đồ họa))?\s*:", re.IGNORECASE)


def genre(labels: Iterable[str], title: str | None, bylines: Iterable[str], kinds: Iterable[str]) -> str | None:
    """From what the page prints as labels (kicker, section, genre), before its title ("[Infographic] ..."), before its
    authors ("Tin, ảnh: ..."), and from the types it gives itself for machines."""
    prefix = _PREFIX.match(title or "")
    tag = (prefix["tag"] or prefix["word"]) if prefix else ""
    for label in (*labels, tag):
        if found := _LABEL.fullmatch(label.strip()):
            return _GENRES[(found.lastindex or 1) - 1][0]
    for kind in kinds:
        if kind.lower().startswith("video"):
            return "video"
        if kind == "LiveBlogPosting":
            return "trực tuyến"
    signed = [found[1].lower() for line in bylines if (found := _SIGNED.match(line))]
    return signed[0] if signed else None
