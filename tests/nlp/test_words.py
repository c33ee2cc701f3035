"""Segmentation refuses a name that stops inside a word, and does nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nlp.words import cuts_a_word


@pytest.mark.parametrize(
    ("sentence", "name", "cut"),
    [
        ("Doanh nghiệp bán dịch vụ công nghệ thông tin.", "dịch vụ công", True),
        ("Hồ sơ nộp qua Cổng dịch vụ công quốc gia.", "Cổng dịch vụ công", False),
        ("Hồ sơ nộp qua Cổng dịch vụ công trực tuyến.", "Cổng dịch vụ công", False),
        ("Hồ sơ nộp qua cổng dịch vụ công.", "cổng dịch vụ công", False),
    ],
)
def test_a_word_that_goes_on_is_seen(sentence: str, name: str, cut: bool) -> None:
    assert cuts_a_word(sentence, sentence.index(name) + len(name)) is cut


def test_the_segmenter_is_loaded_only_when_asked() -> None:
    code = "import sys, nlp.find, nlp.topics, nlp.facets; sys.exit('underthesea' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
