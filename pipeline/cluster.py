"""Archive files read by the workers of a Dask scheduler, on as many machines as see the workspace under one path.

The scheduler needs nothing of ours: what is sent to it is a function by value and names of files. Each worker has our
package, in this very version, which is checked before the work starts.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.load import Config

if TYPE_CHECKING:
    from pipeline.facts import FileFacts

#: In the folder of a run, the configuration that it goes by.
CONFIG = "config.pickle"
_CONNECT_SECONDS = 10
_LOOK_SECONDS = 2
#: A nanny starts a worker again in some seconds; a machine that boots takes longer than is worth waiting for.
_ALONE_SECONDS = 60


class ClusterError(Exception):
    """The cluster can't be used; the message says why, and nothing was done."""


def read_on_cluster(
    address: str,
    config: Config,
    fingerprint: str,
    todo: dict[str, tuple[Path, Path]],
    folder: Path,
    on_done: Callable[[str, FileFacts | str], None],
) -> list[str]:
    """Reads each file of `todo` (name -> WARC and Parquet) and hands its facts, or why there are none, to `on_done`.
    `folder` is this run's own, seen by all workers. Returns the names that nobody was left to read.

    Raises ClusterError before anything is read.
    """
    try:
        import distributed  # noqa: PLC0415 (an optional extra)
    except ImportError:
        raise ClusterError("--cluster needs Dask: pip install 'diembao[cluster]'") from None
    (folder / CONFIG).write_bytes(pickle.dumps(config))
    wait: Any = distributed.wait
    connect: Any = distributed.Client
    try:
        client = connect(address, timeout=_CONNECT_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(f"{address}: no Dask scheduler answers ({error})") from None
    with client:
        _check_workers(client, address, folder, fingerprint)
        task = _task()
        futures: dict[Any, str] = {
            client.submit(
                task, str(folder), str(warc), name, str(parquet), key=f"{folder.name}-{name}", pure=False
            ): name
            for name, (warc, parquet) in todo.items()
        }
        last_seen = time.monotonic()
        while futures and time.monotonic() - last_seen < _ALONE_SECONDS:
            with suppress(TimeoutError):
                wait(list(futures), timeout=_LOOK_SECONDS, return_when="FIRST_COMPLETED")
            for future in [future for future in futures if future.status != "pending"]:
                on_done(futures.pop(future), _answer(future))
            if _workers(client):
                last_seen = time.monotonic()
        left = list(futures.values())
        for future in futures:
            future.cancel()
        if not left:
            client.run(_ender(), on_error="ignore")
    return left


def _answer(future: Any) -> FileFacts | str:
    try:
        answer: FileFacts | str = pickle.loads(future.result())  # noqa: S301 (our own worker wrote it)
    except Exception as error:  # noqa: BLE001 (KilledWorker, or whatever a worker that came later lacks)
        return f"not read by the cluster ({type(error).__name__}: {error}); the next `diembao process` reads it"
    return answer


def _workers(client: Any) -> list[str]:
    """The addresses of those that live; none while the scheduler can't be reached."""
    if client.status != "running":
        return []
    try:
        return list(client.scheduler_info(n_workers=-1)["workers"])
    except (OSError, TimeoutError):
        return []


def _check_workers(client: Any, address: str, folder: Path, fingerprint: str) -> None:
    if not _workers(client):
        raise ClusterError(f"{address}: the scheduler has no workers; start some with `dask worker {address}`")
    told = client.run(_probe(), str(folder), CONFIG, on_error="return")
    wrong = []
    for worker, answer in sorted(told.items()):
        if isinstance(answer, BaseException):
            wrong.append(f"{worker}: can't be asked ({type(answer).__name__}: {answer})")
        elif not answer.startswith("rules "):
            wrong.append(f"{worker}: {answer}")
        elif answer != f"rules {fingerprint}":
            wrong.append(
                f"{worker}: has another version of diembao, its rules or libraries ({answer}, not {fingerprint})"
            )
    if wrong:
        raise ClusterError("\n".join((*wrong, f"{address}: nothing was done; all workers must be as this machine is")))


# What is sent is made inside a function: so it goes by value, and a machine without our package can still answer.


def _probe() -> Callable[[str, str], str]:
    def probe(folder: str, config: str) -> str:
        import pathlib  # noqa: PLC0415
        import pickle as pickles  # noqa: PLC0415
        import tempfile  # noqa: PLC0415

        try:
            from pipeline.fingerprint import rules_fingerprint  # noqa: PLC0415
        except ImportError as error:
            return f"has no diembao ({error}); install it there"
        file = pathlib.Path(folder, config)
        try:
            tempfile.TemporaryFile(dir=folder).close()
            content = file.read_bytes()
        except OSError as error:
            return f"can't write into {folder} ({error.strerror}); it must see the workspace under the same path"
        try:
            return f"rules {rules_fingerprint(pickles.loads(content))}"  # noqa: S301
        except Exception as error:  # noqa: BLE001
            return f"has another version of diembao ({type(error).__name__}: {error})"

    return probe


def _task() -> Callable[[str, str, str, str], bytes]:
    def read(folder: str, warc: str, name: str, parquet: str) -> bytes:
        import pathlib  # noqa: PLC0415
        import pickle as pickles  # noqa: PLC0415

        from pipeline.node import read_on_node  # noqa: PLC0415

        path = pathlib.Path
        return pickles.dumps(read_on_node(path(folder), path(warc), name, path(parquet)))

    return read


def _ender() -> Callable[[], None]:
    def end() -> None:
        from pipeline.node import end_nodes  # noqa: PLC0415

        end_nodes()

    return end
