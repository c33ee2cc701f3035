"""What else an article about a target can be about, and the words that show it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from config.outlets import Regex, Strict


class Facet(Strict):
    """One value of a kind, given where one of `cues` stands in the paragraph of a target mention of one of `topics`.

    Cues are expressions over normalised, lower-case text (see config.topics.Pattern), matched as whole words."""

    value: str
    label: str
    topics: Annotated[list[str], Field(min_length=1)]
    cues: Annotated[list[Regex], Field(min_length=1)]


class Kind(Strict):
    """A kind of facet, such as service fields."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    label: str
    values: Annotated[list[Facet], Field(min_length=1)]


class Facets(Strict):
    """All kinds of facets. `targets` names the target sense of each topic a facet refers to."""

    targets: dict[str, str]
    kinds: Annotated[list[Kind], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        seen: set[tuple[str, str]] = set()
        for kind in self.kinds:
            for facet in kind.values:
                if (kind.id, facet.value) in seen:
                    raise ValueError(f"{kind.id}: '{facet.value}' is given twice; keep one")
                seen.add((kind.id, facet.value))
                for topic in facet.topics:
                    if topic not in self.targets:
                        raise ValueError(f"{facet.value}: topic '{topic}' is not among the targets")
        return self
