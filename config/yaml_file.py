"""One YAML file into one validated model, with the line of each error.

PyYAML reads YAML 1.1, where an unquoted `no` is False, `010` is 8, `12:30` is 750 and the last of two
equal keys wins. Each of these would change a figure without a word, so they are refused here with their line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from config.errors import ConfigError, Problem

Model = TypeVar("Model", bound=BaseModel)

# libyaml reads a file ten times as fast, and PyYAML's wheels have it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORD_BOOLEAN = re.compile(r"(?i)^(yes|no|on|off|y|n)$")
_LEADING_ZERO = re.compile(r"^[-+]?0[0-7_]+$")
_BASE_60 = re.compile(r"^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$")
_BOOL, _INT, _FLOAT = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


def read_model(path: Path, model: type[Model]) -> Model:
    """Reads `path` as `model`.

    Raises ConfigError with every problem found: YAML syntax, traps of YAML 1.1, unknown or missing keys,
    wrong values.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        what = "file is missing; `diembao init DIR` writes a complete set"
        raise ConfigError([Problem(path, 1, 1, what)]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(path, 1, 1, f"can't be read: {error}")]) from None
    try:
        root = yaml.compose(text, Loader=_LOADER)
        if root is None:
            what = "file is empty; `diembao init DIR` writes a complete one"
            raise ConfigError([Problem(path, 1, 1, what)])
        traps = list(_traps(root, path))
        if traps:
            raise ConfigError(traps)
        data = _LOADER("").construct_document(root)
    except yaml.YAMLError:
        raise ConfigError([_syntax(path, text)]) from None
    except (ValueError, RecursionError):
        what = "a tag (!!int) that its value does not fit, or an alias (*name) within what it names; write plain values"
        raise ConfigError([Problem(path, 1, 1, what)]) from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError([_located(path, root, found) for found in _plain(error)]) from None


def problem_at(path: Path, loc: tuple[int | str, ...], message: str) -> Problem:
    """A problem with the value at `loc` (keys and positions) of a file that was read before."""
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    return _located(path, root, (loc, message)) if root else Problem(path, 1, 1, message)


def _plain(error: ValidationError) -> Iterator[tuple[tuple[int | str, ...], str]]:
    for found in error.errors(include_url=False):
        message = found["msg"].removeprefix("Value error, ")
        if found["type"] == "extra_forbidden":
            message = f"unknown key '{found['loc'][-1]}'; correct its spelling or remove it"
        elif found["type"] == "missing":
            message = f"key '{found['loc'][-1]}' is missing; add it"
        elif found["type"] in ("list_type", "tuple_type"):
            message = "a list is expected; write [one, another], or a line with '- ' for each"
        elif found["type"] in ("dict_type", "model_type"):
            message = "keys with values are expected; write 'key: value', a line each"
        yield tuple(found["loc"]), message


def _located(path: Path, root: yaml.Node, found: tuple[tuple[int | str, ...], str]) -> Problem:
    loc, message = found
    node = root
    for step in loc:
        child = _child(node, step)
        if child is None:
            break
        node = child
    where = ".".join(map(str, loc))
    what = f"{where}: {message}" if where else message
    return Problem(path, node.start_mark.line + 1, node.start_mark.column + 1, what)


def _child(node: yaml.Node, step: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                # An empty value has no place of its own.
                place: yaml.Node = value if value.value else key
                return place
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item: yaml.Node = node.value[step]
        return item
    return None


def _traps(node: yaml.Node, path: Path) -> Iterator[Problem]:
    def problem(at: yaml.Node, what: str) -> Problem:
        return Problem(path, at.start_mark.line + 1, at.start_mark.column + 1, what)

    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                yield problem(key, "a key is one word; write 'key: value'")
                continue
            if key.value in seen:
                yield problem(key, f"key '{key.value}' is given twice; keep one")
            seen.add(key.value)
            yield from _traps(key, path)
            yield from _traps(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _traps(item, path)
    elif isinstance(node, yaml.ScalarNode):
        if node.tag == _BOOL and _WORD_BOOLEAN.match(node.value):
            yield problem(node, f"'{node.value}' is read as a truth value; write true or false, or quote it")
        elif node.tag == _INT and _LEADING_ZERO.match(node.value):
            yield problem(node, f"'{node.value}' is read as an octal number; quote it or drop the zero")
        elif node.tag in (_INT, _FLOAT) and _BASE_60.match(node.value):
            yield problem(node, f"'{node.value}' is read as a number to the base 60; quote it")
        elif node.tag == _TIMESTAMP and not _in_calendar(node):
            yield problem(node, f"'{node.value}' is not in the calendar; write an existing day, or quote it")


def _in_calendar(node: yaml.ScalarNode) -> bool:
    try:
        _LOADER("").construct_yaml_timestamp(node)
    except ValueError:
        return False
    return True


def _syntax(path: Path, text: str) -> Problem:
    """What is wrong, in the words of PyYAML's own parser: libyaml's leave out the character or the name."""
    try:
        yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        hint = "check the indentation, the colons and the quotes here"
        return Problem(path, line, column, f"not valid YAML: {error.problem or error.context}; {hint}")
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        what = f"character {error.character!r} can't stand in a YAML file; remove it"
        return Problem(path, before.count("\n") + 1, len(before) - before.rfind("\n"), what)
    return Problem(path, 1, 1, "not valid YAML; compare it with the packaged one, which `diembao init DIR` writes")
