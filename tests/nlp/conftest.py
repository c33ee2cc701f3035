"""The packaged topics and facets, compiled once for all tests of this room."""

from __future__ import annotations

import pytest

from config.facets import Facets
from config.load import PACKAGED
from config.topics import Topics
from config.yaml_file import read_model
from nlp.facets import CompiledFacets, compile_facets
from nlp.topics import CompiledTopics, compile_topics


@pytest.fixture(scope="session")
def topics() -> CompiledTopics:
    return compile_topics(read_model(PACKAGED / "topics.yaml", Topics))


@pytest.fixture(scope="session")
def facets() -> CompiledFacets:
    return compile_facets(read_model(PACKAGED / "facets.yaml", Facets))
