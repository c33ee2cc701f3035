"""Prints the entries of requirements.lock, with their hashes, that the program needs where nobody develops it."""

from __future__ import annotations

import re
import sys
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(name: str) -> set[str]:
    """What the installed distribution needs, and what that needs, by the metadata that this environment holds."""
    found: set[str] = set()
    ahead = [(name, "")]
    seen = set(ahead)
    while ahead:
        package, extra = ahead.pop()
        for line in requires(package) or ():
            requirement = Requirement(line)
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            found.add(canonicalize_name(requirement.name))
            for more in ["", *requirement.extras]:
                if (requirement.name, more) not in seen:
                    seen.add((requirement.name, more))
                    ahead.append((requirement.name, more))
    return found


def entries(lock: str) -> dict[str, str]:
    """Each pinned distribution with its lines."""
    blocks = re.split(r"\n(?=[A-Za-z0-9])", lock.strip())
    return {canonicalize_name(re.split(r"[=\[ ]", block, maxsplit=1)[0]): block for block in blocks}


def main(lock: Path) -> None:
    pinned = entries(lock.read_text(encoding="utf-8"))
    names = needed("diembao")
    if missing := names - pinned.keys():
        sys.exit(f"{lock}: has no entry for {', '.join(sorted(missing))}; make lock")
    for name in sorted(names):
        print(pinned[name])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
