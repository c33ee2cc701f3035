"""Writes into the outlets' files as a careful person would: the one value, and not a byte beside it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from config.errors import ConfigError
from config.outlets import Outlet
from config.yaml_file import read_model

_SOURCES = ("feeds", "sitemaps", "sections")

#: From and to which character of the text, and what comes there.
Change = tuple[int, int, str]


class EditError(Exception):
    """The file was left as it is; the message says why."""


def set_verified(path: Path, proofs: Mapping[str, str]) -> None:
    """Writes `verified` of the addresses that `proofs` names. Raises EditError, OSError."""
    path = path.resolve()  # a link stays a link
    try:
        text = path.read_bytes().decode("utf-8")
        before = yaml.safe_load(text)
        changes = set(_changes(text, proofs))  # an alias stands for one place in the text
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise EditError(f"{path}: can't be read: {error}") from None
    edited = text
    for start, end, new in sorted(changes, reverse=True):
        edited = edited[:start] + new + edited[end:]
    # YAML has more forms than we edit (anchors, merged mappings, tags): what came out says whether this was one.
    if _loaded(edited) != _with_proofs(before, proofs):
        hand = "; ".join(f"{url}: verified: {proof}" for url, proof in proofs.items())
        raise EditError(f"{path}: is written in a way that can't be edited by program; write by hand: {hand}")
    _replace(path, edited)


def write_outlet(path: Path, text: str) -> Outlet:
    """Writes a new outlet's file. Raises EditError where there is one, or the text would not load."""
    if path.exists():
        raise EditError(f"{path}: exists already, and is left as it is; name another --id, or move it away")
    path.parent.mkdir(parents=True, exist_ok=True)
    return _replace(path, text)


def _changes(text: str, proofs: Mapping[str, str]) -> Iterator[Change]:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for name, sources in root.value if isinstance(root, yaml.MappingNode) else ():
        if name.value not in _SOURCES or not isinstance(sources, yaml.SequenceNode):
            continue
        for source in sources.value:
            if not isinstance(source, yaml.MappingNode):
                continue
            values = {key.value: value for key, value in source.value}
            url = values.get("url")
            if url is not None and url.value in proofs:
                yield _change(text, source, values.get("verified"), json.dumps(proofs[url.value], ensure_ascii=False))


def _change(text: str, source: yaml.MappingNode, old: yaml.Node | None, quoted: str) -> Change:
    if old is not None:
        start = old.start_mark.index
        written = text[start : old.end_mark.index].rstrip()  # a block scalar's node has the lines behind it
        return start, start + len(written), quoted if written else f" {quoted}"
    first, last = source.value[0][0], source.value[-1][1]
    end = last.start_mark.index + len(text[last.start_mark.index : last.end_mark.index].rstrip())
    if source.flow_style:
        return end, end, f", verified: {quoted}"
    newline = "\r\n" if "\r\n" in text else "\n"
    line_end = text.find(newline, end)
    at = len(text) if line_end < 0 else line_end  # behind a comment on the same line
    return at, at, f"{newline}{' ' * first.start_mark.column}verified: {quoted}"


def _loaded(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


def _with_proofs(data: Any, proofs: Mapping[str, str]) -> Any:
    found = set()

    def source(entry: Any) -> Any:
        if not isinstance(entry, dict) or entry.get("url") not in proofs:
            return entry
        found.add(entry["url"])
        return {**entry, "verified": proofs[entry["url"]]}

    edited = {
        key: [source(entry) for entry in value] if key in _SOURCES and isinstance(value, list) else value
        for key, value in data.items()
    }
    return edited if found == set(proofs) else object()


def _replace(path: Path, text: str) -> Outlet:
    """Puts the text in the file's place in one step, if it is a valid outlet."""
    # No *.yaml: whoever loads the folder in this moment must not see it.
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with draft.open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, draft)
        outlet = read_model(draft, Outlet)
        draft.replace(path)
    except ConfigError as error:
        said = str(error).replace(str(draft), str(path))
        raise EditError(f"the new text would not load, so {path} was left as it is: {said}") from None
    finally:
        draft.unlink(missing_ok=True)
    return outlet
