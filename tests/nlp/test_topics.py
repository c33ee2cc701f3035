"""A topic is added by configuration alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.load import PACKAGED
from config.topics import Topics
from config.yaml_file import read_model
from nlp.find import find_mentions
from nlp.mention import ArticleText
from nlp.topics import compile_topics

VNEID = r"""
  - id: vneid
    name: Ứng dụng VNeID
    target: app
    undecided: unclear
    threshold: 0.6
    anchors: [vneid, định danh điện tử]
    patterns:
      - {form: phrase, pattern: '(?<!\w)ứng dụng định danh điện tử(?!\w)'}
    near: ['vneid giả(?: mạo)?']
    senses:
      - id: app
        label: Ứng dụng VNeID
        description: Ứng dụng định danh quốc gia của Bộ Công an
        names: [VNeID]
        addresses: [vneid.gov.vn]
        cues:
          - {pattern: 'bộ công an', weight: 3}
      - {id: unclear, label: Chưa xác định, description: Ứng dụng định danh không rõ của ai}
"""


def with_topic(tmp_path: Path, topic: str) -> Path:
    path = tmp_path / "topics.yaml"
    path.write_text((PACKAGED / "topics.yaml").read_text(encoding="utf-8") + topic, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Đăng nhập bằng VNeID mức 2.", [("vneid", "app", "name")]),
        ("Tải tại https://vneid.gov.vn.", [("vneid", "app", "address")]),
        ("Bộ Công an nâng cấp ứng dụng định danh điện tử.", [("vneid", "app", "phrase")]),
        ("Họ dùng một ứng dụng định danh điện tử.", [("vneid", "unclear", "phrase")]),
        ("Cảnh báo ứng dụng VNeID giả mạo.", []),
        ("Vào Cổng DVCQG bằng VNeID.", [("portal", "national", "name"), ("vneid", "app", "name")]),
    ],
)
def test_third_topic_needs_no_code(tmp_path: Path, body: str, expected: list[tuple[str, str, str]]) -> None:
    topics = compile_topics(read_model(with_topic(tmp_path, VNEID), Topics))
    found = find_mentions(ArticleText(None, None, body, None, None), topics)
    assert [(m.topic, m.sense, m.form) for m in found] == expected


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("target: app", "target: apps", "'apps' is not among the senses"),
        ("undecided: unclear", "undecided: none-such", "'none-such' is not among the senses"),
        ("pattern: '(?<!\\w)ứng", "pattern: '%piece%ứng", "'piece'"),
        ("id: vneid", "id: portal", "two topics have the same id"),
        ("near:", "nearby:", "unknown key 'nearby'"),
    ],
)
def test_a_slip_in_the_file_is_named(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    assert right in VNEID
    with pytest.raises(ConfigError) as caught:
        read_model(with_topic(tmp_path, VNEID.replace(right, wrong, 1)), Topics)
    assert message in str(caught.value)
