"""kill -9 while archives are loaded or published, then the same again undisturbed: the tables are those of a run that
nobody killed. The same archive loaded twice, and all of it read again, says the same."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.conftest import PRESS, ROOT, diembao
from tests.digests import differing, digests
from warehouse.publish import publish
from warehouse.published import open_published, published_path
from warehouse.reviews import decide, items

pytestmark = pytest.mark.slow

#: `make drills` asks for fifty. The first five, which CI does, load the sample's nights, in seconds; of those beyond,
#: every third loads the shared press archive, which takes half a minute and which CI does not load here.
KILLS = int(os.environ.get("DIEMBAO_KILLS", "5"))
ARCHIVE = PRESS / "press-2020-2021.warc.gz"


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What is published when nobody kills anything, where, and how long the killed step takes then."""

    workspace: Path
    digests: dict[str, str]
    seconds: float


@pytest.fixture(scope="module")
def decided(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's workspace with two decisions in its journal that are not published yet."""
    workspace = tmp_path_factory.mktemp("decided") / "workspace"
    shutil.copytree(sample, workspace)
    _decide(workspace)
    return workspace


@pytest.fixture(scope="module")
def loaded(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The three nights, loaded at once."""
    workspace = tmp_path_factory.mktemp("loaded")
    _lay(decided, workspace)
    return _undisturbed(workspace, "process")


@pytest.fixture(scope="module")
def first_night_loaded(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that knows the first night."""
    workspace = tmp_path_factory.mktemp("first-night")
    _lay(decided, workspace, nights=slice(1))
    diembao("process", "--jobs", "1", "--data", str(workspace))
    return workspace


@pytest.fixture(scope="module")
def published(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The decided workspace, published."""
    workspace = tmp_path_factory.mktemp("published") / "workspace"
    shutil.copytree(decided, workspace)
    return _undisturbed(workspace, "publish")


@pytest.fixture(scope="module")
def press_loaded(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The shared press archive, loaded once."""
    if not ARCHIVE.is_file():
        pytest.skip("../shared/press is not here")
    return _undisturbed(tmp_path_factory.mktemp("press"), "process", str(ARCHIVE))


def _samples_number(number: int) -> bool:
    return number < 5 or number % 3 > 0


@pytest.mark.parametrize("number", [number for number in range(KILLS) if _samples_number(number) and number % 2 == 0])
def test_killed_load_is_repeated_without_loss_or_repetition(
    number: int, decided: Path, loaded: Undisturbed, tmp_path: Path
) -> None:
    def prepare(workspace: Path) -> None:
        _lay(decided, workspace)

    workspace, told = _killed(tmp_path, f"load {number}", loaded.seconds, prepare, "process")
    diembao("process", "--jobs", "1", "--data", str(workspace))
    publish(workspace)
    assert differing(digests(published_path(workspace)), loaded.digests) == [], told


@pytest.mark.parametrize("number", [number for number in range(KILLS) if _samples_number(number) and number % 2 == 1])
def test_killed_load_of_more_archives_keeps_what_was_loaded_and_adds_the_rest_once(
    number: int, decided: Path, first_night_loaded: Path, loaded: Undisturbed, tmp_path: Path
) -> None:
    def prepare(workspace: Path) -> None:
        shutil.copytree(first_night_loaded, workspace, dirs_exist_ok=True)
        _lay(decided, workspace, nights=slice(1, None))

    workspace, told = _killed(tmp_path, f"more {number}", loaded.seconds, prepare, "process")
    diembao("process", "--jobs", "1", "--data", str(workspace))
    publish(workspace)
    assert differing(digests(published_path(workspace)), loaded.digests) == [], told


@pytest.mark.press
@pytest.mark.parametrize("number", [number for number in range(KILLS) if not _samples_number(number)])
def test_killed_load_of_a_year_of_press_is_repeated_without_loss_or_repetition(
    number: int, press_loaded: Undisturbed, tmp_path: Path
) -> None:
    workspace, told = _killed(tmp_path, f"press {number}", press_loaded.seconds, Path.mkdir, "process", str(ARCHIVE))
    diembao("process", str(ARCHIVE), "--data", str(workspace))
    publish(workspace)
    assert differing(digests(published_path(workspace)), press_loaded.digests) == [], told


@pytest.mark.parametrize("number", range(KILLS if KILLS > 5 else 1))
def test_killed_publication_leaves_the_old_file_or_the_new_one_whole(
    number: int, decided: Path, published: Undisturbed, tmp_path: Path
) -> None:
    def prepare(workspace: Path) -> None:
        shutil.copytree(decided, workspace)

    old = digests(published_path(decided))
    assert {"reviews", "mentions", "stories"} <= set(differing(old, published.digests)), "two states to tell apart"
    workspace, told = _killed(tmp_path, f"publish {number}", published.seconds, prepare, "publish")
    assert digests(published_path(workspace)) in (old, published.digests), told
    with closing(open_published(workspace)) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchall() == [(67,)]
    assert _unreadable_parquet(workspace) == [], told
    publish(workspace)
    assert differing(digests(published_path(workspace)), published.digests) == [], told
    assert _names(workspace) == _names(decided), "nothing of the killed publication is left"


def test_nights_loaded_twice_or_read_again_say_the_same_keep_decisions_and_send_nothing(
    loaded: Undisturbed, tmp_path: Path
) -> None:
    _load_twice(loaded, tmp_path / "workspace")


@pytest.mark.press
@pytest.mark.skipif(KILLS <= 5, reason="reads the press archive twice, a minute: `make drills` does")
def test_press_loaded_twice_or_read_again_says_the_same_keeps_decisions_and_sends_nothing(
    press_loaded: Undisturbed, tmp_path: Path
) -> None:
    _load_twice(press_loaded, tmp_path / "workspace", str(ARCHIVE))


def _load_twice(once: Undisturbed, workspace: Path, *archives: str) -> None:
    shutil.copytree(once.workspace, workspace)
    diembao("process", *archives, "--data", str(workspace))
    publish(workspace)
    assert differing(digests(published_path(workspace)), once.digests) == []

    _decide(workspace)
    diembao("monthly", "2021-07", "--send", "--data", str(workspace))
    publish(workspace)
    decided, kept = digests(published_path(workspace)), _kept(workspace)
    assert {"reviews", "decisions", "mentions", "stories", "reports_sent"} <= set(differing(decided, once.digests))
    assert {Path("journal/decisions.jsonl"), Path("journal/mail.jsonl")} < kept.keys()
    assert any(path.parts[0] == "outbox" for path in kept), "the sample has no mail server: the mail is kept"

    diembao("process", "--all", "--jobs", "1", "--data", str(workspace))
    publish(workspace)
    assert differing(digests(published_path(workspace)), decided) == []
    assert _kept(workspace) == kept


def _killed(
    folder: Path, seed: str, seconds: float, prepare: Callable[[Path], None], *command: str
) -> tuple[Path, str]:
    """A workspace in which the command and all its children were killed at a random moment, and which moment it was.

    Half of the moments are in the last third, where databases are written. Where this machine was faster than at the
    undisturbed run and the command ended before its moment, it is killed sooner in a new workspace.
    """
    chance = random.Random(f"{os.environ.get('DIEMBAO_DRILL_SEED', 'kill')} {seed}")
    moment = seconds * (chance.uniform(0.65, 1) if chance.random() < 0.5 else chance.uniform(0.02, 0.65))
    attempt = 0
    while True:
        workspace = folder / f"workspace-{attempt}"
        prepare(workspace)
        run = _start(workspace, *command)
        try:
            run.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            return workspace, f"{' '.join(command)} killed after {moment:.2f} s of {seconds:.2f}"
        shutil.rmtree(workspace)
        moment *= 0.8
        attempt += 1


def _undisturbed(workspace: Path, *command: str) -> Undisturbed:
    begin = time.monotonic()
    assert _start(workspace, *command).wait() == 0
    seconds = time.monotonic() - begin
    if command[0] != "publish":
        publish(workspace)
    return Undisturbed(workspace, digests(published_path(workspace)), seconds)


def _start(workspace: Path, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "diembao", *command, "--data", str(workspace)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _lay(origin: Path, workspace: Path, nights: slice = slice(None)) -> None:
    """Lays the archive of some nights, and the journal, into a workspace that has no database of them."""
    days = sorted({file.parent for file in (origin / "archive").rglob("*.warc.gz")})
    for folder in [*days[nights], origin / "journal"]:
        shutil.copytree(folder, workspace / folder.relative_to(origin), dirs_exist_ok=True)


def _decide(workspace: Path) -> None:
    """One mention is none, and one reprint stands alone."""
    with closing(open_published(workspace)) as connection:
        mention = next(item for item in items(connection, decided=False) if item.ruled == "national")
        decide(connection, workspace, mention.item, "none", "Lê Mẫu", "drill")
        ((reprint,),) = connection.execute(
            "SELECT a.article_id FROM articles AS a JOIN stories AS s USING (story_id)"
            " WHERE s.articles > 1 AND a.article_id <> s.first_article_id ORDER BY ALL LIMIT 1"
        ).fetchall()
        decide(connection, workspace, f"story:{reprint}", "alone", "Lê Mẫu", "drill")


def _kept(workspace: Path) -> dict[Path, bytes]:
    """Journal, outbox and what was sent, byte for byte."""
    folders = (workspace / name for name in ("journal", "outbox", "sent"))
    return {
        file.relative_to(workspace): file.read_bytes()
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file()
    }


def _names(workspace: Path) -> set[str]:
    folder = published_path(workspace).parent
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*")}


def _unreadable_parquet(workspace: Path) -> list[str]:
    found = []
    for file in (published_path(workspace).parent / "parquet").rglob("*.parquet"):
        try:
            duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(file)]).fetchall()
        except duckdb.Error as error:
            found.append(f"{file.name}: {error}")
    return found
