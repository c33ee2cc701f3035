"""Offsets point at the text as stored, however it is spelled."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import PACKAGED
from config.topics import Topics
from config.yaml_file import read_model
from nlp.find import find_mentions
from nlp.mention import ArticleText
from nlp.normalize import normalize, plain
from nlp.topics import compile_topics

TOPICS = compile_topics(read_model(PACKAGED / "topics.yaml", Topics))
NAMES = ["Cổng Dịch vụ công quốc gia", "dichvucong.gov.vn", "Nghị quyết số 68/NQ-CP", "Nghị quyết 68-NQ/TW"]
SPACES = st.sampled_from([" ", "  ", "\u00a0", "\n", " \n\n ", "\u202f", "\t", " \u200b"])
FILLER = st.text(alphabet=st.sampled_from("abđêƠ 68/,-\u00a0\u200b\n\u0301İ"), max_size=30)


@st.composite
def spelled_name(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(NAMES))
    name = draw(st.sampled_from([str, str.upper, str.lower]))(name)
    name = draw(SPACES).join(name.split(" "))
    form = draw(st.sampled_from(["NFC", "NFD"]))
    return unicodedata.normalize(form, name)  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(before=FILLER, name=spelled_name(), after=FILLER)
def test_a_name_is_found_where_it_stands(before: str, name: str, after: str) -> None:
    body = f"{before} xa. Theo {name} , nay {after}"
    found = find_mentions(ArticleText(None, None, body, None, None), TOPICS)
    assert all(body[m.start : m.end] == m.surface for m in found)
    assert all(m.surface in m.sentence for m in found)
    assert name in [m.surface for m in found]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_normal_text_leads_back_to_the_stored(stored: str) -> None:
    normal = normalize(stored)
    assert len(normal.lower) == len(normal.cased) == len(normal.starts) == len(normal.ends)
    assert all(0 <= a < b <= len(stored) for a, b in zip(normal.starts, normal.ends, strict=True))
    assert normal.starts == sorted(normal.starts)


@pytest.mark.parametrize(
    ("late", "early"),
    [("đơn giản hoá", "đơn giản hóa"), ("uỷ ban", "ủy ban"), ("toạ đàm", "tọa đàm"), ("khoẻ", "khỏe"), ("HOÀ", "hòa")],
)
def test_both_places_of_the_tone_mark_are_one(late: str, early: str) -> None:
    assert plain(late) == early == normalize(late).lower


@pytest.mark.parametrize("word", ["hoàn", "huỳnh", "suýt", "quý", "quỳ", "loàng"])
def test_a_tone_mark_inside_a_syllable_stays(word: str) -> None:
    assert plain(word) == word


def test_the_wrong_d_of_old_conversions_is_read(  # Icelandic eth, seen in texts converted from VNI and TCVN3
) -> None:
    assert plain("Ðắk Lắk") == "đắk lắk"
