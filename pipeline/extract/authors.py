"""Who signed: names, without roles, agencies and sources."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.extract.text import clean

_BRACKETS = re.compile(r"[(\[].*?[)\]]|[(\[].*$")
_LABEL = re.compile(r"^(?:(?:bài viết|bài|tin|(?:tin|bài)\s*(?:,|-|&|và)\s*ảnh|thực hiện|tác giả|by)\s*:)\s*", re.I)
# Who took the pictures did not write the article, nor did the agency it is taken from.
_OTHER = re.compile(r"^(?:ảnh|video|đồ họa|clip|nguồn|theo)\b.*$", re.I)
_TITLE = re.compile(r"^(?:pv|phóng viên|ctv|cộng tác viên|nhà báo|biên tập viên|btv)[.:]?\s+(?=\w)", re.I)
# "Theo Reuters" names a source, in brackets or not.
_SOURCE = re.compile(r"\b[Tt]heo\b.*$|\b[Tt]ổng hợp\b.*$|\b[Ll]ược dịch\b.*$|\b[Tt]hực hiện\b.*$")
_SPLIT = re.compile(r"\s*(?:[,;&/+|•·\n]|\s[-–—]\s|[-–—](?=\s|$)|\bvà\b|\band\b)\s*")
_NO_NAME = re.compile(
    r"^(?:nhóm\s+)?(?:pv|phóng viên|ctv|bt|btv|bbt|ban biên tập|nhóm pv|tin|bài|ảnh|ghi|dịch|tác giả|admin"
    r"|.*cơ quan.*|ttxvn|vgp|vov|vtv|tto|nld|nlđo|tpo|reuters|afp|ap|bloomberg|xinhua|vnexpress|vietnamnet"
    r"|vietnamplus|người lao động"
    r"|vccorp|.*\.(?:vn|com|net|org)(?:\s.*)?|vov-.*|https?:.*)$",
    re.I,
)
# A person is called none of these; bodies and things are.
_NO_PERSON = re.compile(
    r"^(?:bộ|sở|cục|vụ|báo|tạp chí|đài)\b.+|\b(?:cổng|dịch vụ|nghị quyết|chính phủ|quốc gia|ủy ban|văn phòng|công ty"
    r"|trung tâm|tổng cục|ngân hàng|tập đoàn|hiệp hội|kết luận|thông tin)\b",
    re.I,
)
_JOINS = frozenset({"-", "–", ",", "&", "và"})
_SENTENCE_END = re.compile(r"[.?!…:;)/\"”’]\s*$")
_LONGEST = 40
_MOST_WORDS = 6
_LONGEST_SIGNATURE = 60


def names(text: str | None, outlet: str = "") -> tuple[str, ...]:
    """The persons a byline names, in order, each once; none where it names only a role, an agency or
    `outlet`."""
    found: list[str] = []
    own = re.sub(r"^báo (?:điện tử )?", "", outlet.lower())
    for line in (text or "").split("\n"):
        bare = _SOURCE.sub("", _LABEL.sub("", _BRACKETS.sub(" ", clean(line))))
        for part in _SPLIT.split(bare):
            if _OTHER.match(part):
                break
            name = _TITLE.sub("", _LABEL.sub("", part)).strip(" .:*\"'-–—")
            if _is_name(name) and not (own and own in name.lower()) and name not in found:
                found.append(name)
    return tuple(found)


_CREDIT = re.compile(r"(?:\b[Tt]heo|\bTHEO|\bNguồn|\bNGUỒN|\b[Ss]ource)\s*:?\s+([^,;|()\[\]\n]{2,80})")
_CREDIT_LINE = re.compile(r"^[(\[]?\s*(?:theo|nguồn)\b[^,;]*[^.?!…]$", re.I)
_AGENCY = re.compile(
    r"\b(TTXVN|Vietnam\+|VGP|VOV|VTV|Reuters|AFP|AP|Bloomberg|Xinhua|Tân Hoa xã|Kyodo|Yonhap|Sputnik|TASS)\b"
)


def credit(bylines: Iterable[str], outlet: str) -> str | None:
    """The agency or paper that the bylines say the text is from; never `outlet` itself."""
    for pattern in (_CREDIT, _AGENCY):
        for line in bylines:
            found = pattern.search(line)
            name = found[1].strip(" .:-–*") if found else ""
            if name and name[0].isupper() and name.lower() != outlet.lower():
                return name
    return None


def is_credit(text: str) -> bool:
    """A line that is nothing but "Theo ...", or an agency's name in brackets."""
    return len(text) <= _LONGEST_SIGNATURE and (
        _CREDIT_LINE.match(text) is not None or (text[:1] == "(" and _AGENCY.search(text) is not None)
    )


def is_role(text: str) -> bool:
    """A line that signs without a name ("Nhóm PV")."""
    return _NO_NAME.match(text) is not None


def is_byline(text: str) -> bool:
    """A closing paragraph short enough to sign: some name, role or source, no sentence."""
    return len(text) <= 120 and len(text.split()) <= 20 and not re.search(r"[?!]|[.…]\s*$|\d{3}", text)


def signs(text: str, before: str) -> bool:
    """An article's last line that is nothing but capitalised names or initials, under a finished sentence."""
    if len(text) > 2 * _LONGEST_SIGNATURE:
        return False
    bare = _SOURCE.sub("", _BRACKETS.sub(" ", text)).strip(" -–|,")
    capitalised = all(word[0].isupper() for word in bare.split() if word not in _JOINS)
    several = re.search(r"\w[ .]\w", bare) is not None
    finished = _SENTENCE_END.search(before) is not None
    return len(bare) <= _LONGEST_SIGNATURE and capitalised and several and finished and bool(names(bare))


def _is_name(name: str) -> bool:
    return (
        1 < len(name) <= _LONGEST
        and len(name.split()) <= _MOST_WORDS
        and not _NO_NAME.match(name)
        and not _NO_PERSON.search(name)
        and not re.search(r"\d{2}|[?!:\"“”]", name)
        and any(character.isupper() for character in name)
    )
