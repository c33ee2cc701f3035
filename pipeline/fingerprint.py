"""A digest of all that decides what is read from a page: the code of extraction and nlp, the rules, the libraries."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from config.load import Config

_CODE = (Path(__file__).parent, Path(__file__).parents[1] / "nlp")
_LIBRARIES = ("selectolax", "trafilatura", "underthesea", "lxml")


def rules_fingerprint(config: Config) -> str:
    """Equal for equal rules; archive files read under another fingerprint are read again."""
    digest = hashlib.sha256()
    for directory in _CODE:
        for file in sorted(directory.rglob("*.py")):
            digest.update(file.read_bytes())
    for outlet in config.outlets:
        digest.update(
            outlet.model_dump_json(include={"id", "domains", "article_urls", "not_article_urls", "layouts"}).encode()
        )
    for rules in (config.topics, config.facets):
        digest.update(rules.model_dump_json().encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()[:16]
