"""Makes the databases of earlier schemas, each with the code that was the newest when its schema was.

    python -m tests.warehouse.stored.make

writes NNNN.duckdb.xz for each version of COMMITS that has no file yet, in a clone with its history; whoever adds a
migration adds the version before it, with the last commit that had no newer one. A file that is there is never made
again: what another DuckDB writes is not what was written then. 1 to 4 are of DuckDB 2.0.1 in its own default storage,
v2.0.0, as every night wrote it until storage was set to v1.5.0; 5 is in that.

What they hold is ours; none of it is press:
- archive/: the crawl of samples/night-2025-06.warc.gz by version 1 (`diembao nightly --replay`), so that even its
  archive stands for itself;
- the first bytes of samples/night-1.warc.gz: eleven articles and a damage;
- journal/: two decisions (`diembao review decide`) and a mail (`diembao monthly 2021-07 --send`); from 5 on, which has
  tables for them, also the figures of that month and two entries of `diembao missed add`;
- from 5 on, a result that a unit reported (config/activities.csv).
"""

from __future__ import annotations

import io
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

STORED = Path(__file__).parent
ROOT = STORED.parents[2]
#: The last commit at which each schema was the newest.
COMMITS = {1: "708ce26", 2: "a88ae59", 3: "7727f00", 4: "29c13bc", 5: "0775af0"}
#: What a unit reported, for the schemas that take it.
REPORTED = "I.1,2021-07,1,bài,Công văn thử,2021-08-02\n"
#: The sample night is cut here, inside a record.
CUT = 30_000


def stored(version: int) -> Path:
    """The database of a schema, compressed."""
    return STORED / f"{version:04}.duckdb.xz"


def lay(workspace: Path) -> None:
    """Archive and journal of a workspace that the stored databases were made of. There is no database in it."""
    shutil.copytree(STORED / "archive", workspace / "archive")
    shutil.copytree(STORED / "journal", workspace / "journal")
    imported = workspace / "archive" / "imported"
    imported.mkdir()
    (imported / "cut.warc.gz").write_bytes((ROOT / "samples" / "night-1.warc.gz").read_bytes()[:CUT])


def make(version: int) -> None:
    """Processes that workspace with the code of the time."""
    with tempfile.TemporaryDirectory() as folder:
        code, workspace = Path(folder, "code"), Path(folder, "workspace")
        packed = subprocess.run(["git", "archive", COMMITS[version]], cwd=ROOT, capture_output=True, check=True)
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as tree:
            tree.extractall(code, filter="data")
        activities = code / "config" / "activities.csv"
        if activities.exists():
            activities.write_text(activities.read_text(encoding="utf-8") + REPORTED, encoding="utf-8")
        lay(workspace)
        process = [sys.executable, "-m", "diembao", "process", "--jobs", "1", "--data", str(workspace)]
        done = subprocess.run(process, cwd=code, env={**os.environ, "PYTHONPATH": str(code)}, check=False)
        assert done.returncode == 1, "done, and the cut is told"
        database = (workspace / "warehouse.duckdb").read_bytes()
        stored(version).write_bytes(lzma.compress(database, preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    for wanted in COMMITS:
        if not stored(wanted).exists():
            make(wanted)
