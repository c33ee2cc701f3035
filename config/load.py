"""The whole configuration, from the packaged files or an edited copy of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from config.by_hand import FILES as BY_HAND
from config.by_hand import ByHand, read_by_hand
from config.crawl import Crawl
from config.errors import ConfigError, Problem
from config.facets import Facets
from config.layouts import Layouts, family_problems, with_families
from config.outlets import Outlet
from config.plan import Plan
from config.report import Report
from config.schedule import Schedule
from config.topics import Topics
from config.yaml_file import problem_at, read_model

Model = TypeVar("Model", bound=BaseModel)

#: The configuration that the program carries.
PACKAGED = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Config:
    """All that a non-programmer edits, validated; `directory` is where it was read. `by_hand`: None where one of its
    tables can't be read, for the reasons that `left_out` tells: what was loaded of them before stays, and a slip in
    them costs no night."""

    directory: Path
    outlets: tuple[Outlet, ...]
    topics: Topics
    facets: Facets
    plan: Plan
    by_hand: ByHand | None
    crawl: Crawl
    schedule: Schedule
    report: Report
    left_out: tuple[Problem, ...]


def load_config(directory: Path = PACKAGED) -> Config:
    """Reads and checks all files of `directory`. Raises ConfigError with the problems of all of them."""
    problems: list[Problem] = []

    def read(name: str, model: type[Model]) -> Model | None:
        try:
            return read_model(directory / name, model)
        except ConfigError as error:
            problems.extend(error.problems)
            return None

    files = sorted((directory / "outlets").glob("*.yaml"))
    if not files:
        problems.append(
            Problem(directory / "outlets", 1, 1, "holds no outlet; `diembao init DIR` writes a complete set")
        )
    found = [(file, read(f"outlets/{file.name}", Outlet)) for file in files]
    outlets = [(file, outlet) for file, outlet in found if outlet]
    problems.extend(_registry_problems(outlets, {file.stem for file in files}))
    layouts = read("layouts.yaml", Layouts)
    if layouts:
        problems.extend(problem for file, outlet in outlets for problem in family_problems(file, outlet, layouts))
    topics, facets = read("topics.yaml", Topics), read("facets.yaml", Facets)
    plan, crawl = read("plan.yaml", Plan), read("crawl.yaml", Crawl)
    schedule, report = read("schedule.yaml", Schedule), read("report.yaml", Report)
    if topics and facets and plan:
        problems.extend(_reference_problems(directory, topics, facets, plan))
    by_hand: ByHand | None = None
    left_out: tuple[Problem, ...] = ()
    try:
        by_hand = read_by_hand(directory)
    except ConfigError as error:
        left_out = tuple(error.problems)
    if problems or not (layouts and topics and facets and plan and crawl and schedule and report):
        raise ConfigError(problems)
    registry = tuple(with_families(outlet, layouts) for _, outlet in outlets)
    return Config(directory, registry, topics, facets, plan, by_hand, crawl, schedule, report, left_out)


def write_editable(directory: Path) -> list[Path]:
    """Copies the packaged files into `directory`; files that are there already stay as they are."""
    written = []
    for source in sorted((*PACKAGED.rglob("*.yaml"), *(PACKAGED / name for name in BY_HAND))):
        target = directory / source.relative_to(PACKAGED)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            written.append(target)
    return written


def _reference_problems(directory: Path, topics: Topics, facets: Facets, plan: Plan) -> Iterator[Problem]:
    """Names that one file uses and another defines."""
    targets = {topic.id: topic.target for topic in topics.topics}
    for topic, sense in facets.targets.items():
        if targets.get(topic) != sense:
            says = f"'{targets[topic]}'" if topic in targets else "no such topic"
            yield problem_at(directory / "facets.yaml", ("targets", topic), f"'{sense}', but topics.yaml says {says}")
    activities = {activity.id for activity in plan.activities}
    for k, kind in enumerate(facets.kinds):
        for v, value in enumerate(kind.values):
            if kind.id == "activity" and value.value not in activities:
                what = f"activity '{value.value}' is not in plan.yaml"
                yield problem_at(directory / "facets.yaml", ("kinds", k, "values", v, "value"), what)
    for a, activity in enumerate(plan.activities):
        for topic in sorted(set(activity.topics) - targets.keys()):
            what = f"{activity.id}: no topic '{topic}' in topics.yaml"
            yield problem_at(directory / "plan.yaml", ("activities", a, "topics"), what)


def _registry_problems(outlets: list[tuple[Path, Outlet]], names: set[str]) -> Iterator[Problem]:
    """`names` are those of all files, also of what could not be read: that one is told of already."""
    owners: dict[str, str] = {}
    ids = {outlet.id for _, outlet in outlets} | names
    for file, outlet in outlets:
        if outlet.id != file.stem:
            yield Problem(file, 1, 1, f"id is '{outlet.id}'; it must be the name of the file, '{file.stem}'")
        if outlet.rolls_up_to and outlet.rolls_up_to not in ids:
            yield Problem(file, 1, 1, f"rolls_up_to: no outlet '{outlet.rolls_up_to}' in the registry")
        addresses = [source.url for _, source in outlet.sources]
        for address in sorted(set(addresses)):
            if addresses.count(address) > 1:
                yield Problem(file, 1, 1, f"{address} is given twice; keep one")
            if address.split("/", 3)[2] not in outlet.hosts:
                yield Problem(
                    file, 1, 1, f"{address} is on no host of `domains`, so it would never be asked; add its host"
                )
        for domain in outlet.domains:
            if domain.mirrors and domain.mirrors not in outlet.hosts:
                yield Problem(file, 1, 1, f"{domain.host} mirrors {domain.mirrors}, which is not in `domains`; add it")
        for host in sorted(outlet.hosts):
            if host in owners:
                yield Problem(file, 1, 1, f"host {host} belongs to '{owners[host]}' already; remove it from one")
            owners[host] = outlet.id
