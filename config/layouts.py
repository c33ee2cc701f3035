"""The layouts that several outlets share, by the content system that makes their pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pydantic import model_validator

from config.errors import Problem
from config.outlets import Layout, Outlet, Strict


class Layouts(Strict):
    """layouts.yaml: `id` is what an outlet's `families` name."""

    families: list[Layout]

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [layout.id for layout in self.families]
        if double := next((name for name in ids if ids.count(name) > 1), None):
            raise ValueError(f"'{double}' is given twice; rename one")
        return self


def with_families(outlet: Outlet, layouts: Layouts) -> Outlet:
    """The outlet with the layouts of its families behind its own."""
    shared = [layout for name in outlet.families for layout in layouts.families if layout.id == name]
    return outlet.model_copy(update={"layouts": [*outlet.layouts, *shared]})


def family_problems(file: Path, outlet: Outlet, layouts: Layouts) -> Iterator[Problem]:
    """Families that layouts.yaml does not have."""
    known = [layout.id for layout in layouts.families]
    for name in outlet.families:
        if name not in known:
            yield Problem(file, 1, 1, f"families: no '{name}' in layouts.yaml; it has {', '.join(known)}")
