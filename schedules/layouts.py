"""Whether the layouts of an outlet still fit its pages, told by samples."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from archive.capture import BodyError, Capture
from config.outlets import Outlet
from pipeline.extract.article import FALLBACK, NotAnArticle
from pipeline.extract.page import extract
from pipeline.limits import TOOK_TOO_LONG, limited


@dataclass(frozen=True, slots=True)
class LayoutFinding:
    """One page and the layout that read it, if any did; `says` tells what is wrong, if anything is."""

    outlet: str
    url: str
    layout: str | None
    says: str | None


def judge_layouts(outlet: Outlet, pages: Sequence[Capture]) -> list[LayoutFinding]:
    """A finding for each page. They are read in another process, which a page may end."""
    return [_judged(outlet, page) for page in pages]


def drift(findings: Sequence[LayoutFinding]) -> bool:
    """One page of several may have a template of its own (a video, a long read); none that fits is drift."""
    return bool(findings) and all(finding.says for finding in findings)


def _judged(outlet: Outlet, page: Capture) -> LayoutFinding:
    with ProcessPoolExecutor(1) as pool:
        try:
            layout, unread = pool.submit(_read, outlet, page).result()
        except (NotAnArticle, BodyError) as error:
            return LayoutFinding(outlet.id, page.url, None, f"no article could be read: {error.reason}")
        except BrokenProcessPool:
            return LayoutFinding(outlet.id, page.url, None, f"no article could be read: {TOOK_TOO_LONG}")
        except Exception as error:  # noqa: BLE001 (the other outlets are judged all the same)
            return LayoutFinding(
                outlet.id, page.url, None, f"the page broke our reader: {type(error).__name__}: {error}"
            )
    if layout == FALLBACK:
        count = len(outlet.layouts)
        which = "its layout does not fit" if count == 1 else f"none of its {count} layouts fits"
        return LayoutFinding(outlet.id, page.url, layout, f"{which}; the general fallback read it")
    says = f"the layout finds no {' and no '.join(unread)}" if unread else None
    return LayoutFinding(outlet.id, page.url, layout, says)


def _read(outlet: Outlet, page: Capture) -> tuple[str, tuple[str, ...]]:
    with limited():
        article = extract(page.body(), page.url, page.header("Content-Type"), outlet, page.time)
    return article.layout, article.unread
