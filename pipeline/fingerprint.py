"""A digest of what decides how an archive file is read: code of archive, extraction and nlp, rules, libraries."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from config.load import Config

_ROOT = Path(__file__).parents[1]
_CODE = ("archive/*.py", "pipeline/*.py", "pipeline/extract/*.py", "nlp/*.py")
_LIBRARIES = (
    *("ahocorasick-rs", "brotli", "charset-normalizer", "selectolax"),
    *("underthesea", "w3lib", "warcio"),
)

#: What of an outlet decides how its pages are read.
_DECISIVE = {"id", "name", "domains", "article_urls", "not_article_urls", "layouts"}


def rules_fingerprint(config: Config) -> str:
    """Equal for equal rules; archive files read under another fingerprint are read again."""
    digest = hashlib.sha256()
    for pattern in _CODE:
        for file in sorted(_ROOT.glob(pattern)):
            digest.update(file.read_bytes())
    for outlet in config.outlets:
        digest.update(outlet.model_dump_json(include=_DECISIVE).encode())
    for rules in (config.topics, config.facets):
        digest.update(rules.model_dump_json().encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()[:16]
