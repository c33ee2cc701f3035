"""The registry of outlets: one YAML file each, all that we know of one publication."""

from __future__ import annotations

import datetime as dt
import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from selectolax.lexbor import LexborHTMLParser, SelectolaxError


def check_regex(pattern: str) -> str:
    """The pattern itself. Raises ValueError where it is no regular expression."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}; correct it, and write a dot as '\\.'") from None
    return pattern


def _host(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9.-]+(:\d+)?", name):
        raise ValueError("write the host alone, in lower case: 'vnexpress.net'")
    return name


def _address(url: str) -> str:
    found = re.match(r"https?://[a-z0-9.-]+(?::(\d+))?(?:/|$)", url)
    if not found or int(found[1] or 1) not in range(1, 65536):
        raise ValueError("write a full address: 'https://host/path'")
    return url


def _selector(selector: str) -> str:
    try:
        LexborHTMLParser("<p></p>").css(selector)
    except SelectolaxError:
        raise ValueError(
            "not a CSS selector that our parser knows; correct it (brackets, quotes, no :contains)"
        ) from None
    return selector


Selector = Annotated[str, AfterValidator(_selector)]
Regex = Annotated[str, AfterValidator(check_regex)]
Host = Annotated[str, AfterValidator(_host)]
Address = Annotated[str, AfterValidator(_address)]


def _is_ip(host: str) -> bool:
    return re.fullmatch(r"[\d.]+(:\d+)?", host) is not None


def _www_twin(host: str) -> str:
    return host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"


class Strict(BaseModel):
    """A mapping in a configuration file: unknown keys are errors, values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Strict):
    """A feed, sitemap or section page. `verified` says how and when it was seen alive; without it it is off."""

    url: Address
    label: str | None = None
    verified: str | None = None

    @property
    def enabled(self) -> bool:
        return self.verified is not None


class Domain(Strict):
    """A host the outlet publishes or published under; the first one listed is today's.

    `mirrors` names the host that has the same pages under the same paths: an article there is the article here.
    """

    host: Host
    when: str | None = None
    mirrors: Host | None = None


class Proof(Strict):
    """The genuine page that proved a layout."""

    page: str
    date: dt.date


class Layout(Strict):
    """Where one generation of an outlet's pages keeps its fields: CSS selectors, the first with text wins.

    `kicker` stands over the title, `genre` where the page says what it is ("Infographic"), `credit` names the agency or
    paper the text is from.
    """

    id: str
    since: dt.date | None = None
    until: dt.date | None = None
    title: Selector
    sapo: Selector | None = None
    body: Selector
    published: Selector | None = None
    author: Selector | None = None
    section: Selector | None = None
    kicker: Selector | None = None
    genre: Selector | None = None
    credit: Selector | None = None
    tags: Selector | None = None
    captions: Selector | None = None
    drop: list[Selector] = []
    verified: Proof | None = None

    @field_validator("id")
    @classmethod
    def _not_the_fallbacks(cls, name: str) -> str:
        if name == "fallback":
            raise ValueError("'fallback' names the reading without a layout; take another id")
        return name

    @field_validator("until")
    @classmethod
    def _not_before_since(cls, until: dt.date | None, info: ValidationInfo) -> dt.date | None:
        since = info.data.get("since")
        if since and until and until < since:
            raise ValueError(f"lies before since ({since}); exchange the two")
        return until


class Volume(Strict):
    """Articles a day below which a night is suspect, and above which it is odd.

    `quiet_floor` is the floor of Saturdays, Sundays and the quiet days of crawl.yaml; half the floor where left out.
    """

    floor: int = Field(ge=0)
    ceiling: int = Field(ge=1)
    quiet_floor: int | None = Field(default=None, ge=0)

    @property
    def on_quiet_days(self) -> int:
        return self.floor // 2 if self.quiet_floor is None else self.quiet_floor

    @field_validator("ceiling")
    @classmethod
    def _not_below_floor(cls, ceiling: int, info: ValidationInfo) -> int:
        if ceiling < info.data.get("floor", ceiling):
            raise ValueError(f"lies below the floor ({info.data['floor']}); exchange the two")
        return ceiling


class Outlet(Strict):
    """One publication, or one language edition of it.

    `kind` own: channels of the Government itself; aggregator: trang thông tin điện tử tổng hợp, which is no
    cơ quan báo chí and is counted apart. `core` cites the document that names the outlet as nòng cốt.
    `families` name layouts of layouts.yaml, which are tried after the outlet's own.
    `sections` are pages whose links are read where no feed or sitemap answers. `beyond_reach` says, in Vietnamese,
    why we can't follow the outlet (a challenge, a login); it is then listed, never asked.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    name: str
    governing_body: str
    kind: Literal["press", "own", "aggregator"]
    tier: Literal["central", "ministry", "local"]
    language: Literal["vi", "en"] = "vi"
    rolls_up_to: str | None = None
    core: str | None = None
    domains: Annotated[list[Domain], Field(min_length=1)]
    feeds: list[Source] = []
    sitemaps: list[Source] = []
    sections: list[Source] = []
    beyond_reach: Annotated[str, Field(min_length=10, pattern=r"\S.*\S")] | None = None
    article_urls: Annotated[list[Regex], Field(min_length=1)]
    not_article_urls: list[Regex] = []
    volume: Volume | None = None
    layouts: list[Layout] = []
    families: list[str] = []
    notes: str | None = None

    def is_article(self, url: str) -> bool:
        """Whether a normalised address, in whichever of its spellings, is one of the outlet's articles."""
        return self._matches_article(url) or any(map(self._matches_article, self.spellings(url)))

    def is_no_article(self, url: str) -> bool:
        """Whether the registry says so of a normalised address: what is in neither list may still be one."""
        return any(
            re.search(pattern, spelling) for spelling in self.spellings(url) for pattern in self.not_article_urls
        )

    def _matches_article(self, url: str) -> bool:
        return any(re.search(pattern, url) for pattern in self.article_urls) and not any(
            re.search(pattern, url) for pattern in self.not_article_urls
        )

    def canonical(self, url: str) -> str:
        """The one form of a normalised address at this outlet: its mirrors, and `www.` or its lack, become one host."""
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        return f"{scheme}://{self._one_host(host)}{slash}{path}"

    def spellings(self, url: str) -> list[str]:
        """Every address of this outlet that `canonical` takes for the same page as `url`."""
        scheme, _, rest = self.canonical(url).partition("://")
        host, slash, path = rest.partition("/")
        twins = [twin for twin in self._every_host if self._one_host(twin) == host] or [host]
        return [f"{scheme}://{twin}{slash}{path}" for twin in twins]

    def owns(self, host: str) -> bool:
        """Whether the host is registered for this outlet, with `www.` or without."""
        return host in self._every_host

    @cached_property
    def hosts(self) -> frozenset[str]:
        return frozenset(domain.host for domain in self.domains)

    @property
    def every_host(self) -> list[str]:
        """Each host, with its `www.` twin."""
        return sorted(self._every_host)

    @cached_property
    def _every_host(self) -> dict[str, str]:
        """Each host, and what it mirrors; `www.` or its lack is a mirror where the registry does not list it."""
        named = {domain.host: domain.mirrors or domain.host for domain in self.domains}
        twins = {_www_twin(host): one for host, one in named.items() if not _is_ip(host)}
        return twins | named

    def _one_host(self, host: str) -> str:
        return self._every_host.get(host, host)

    @property
    def sources(self) -> tuple[tuple[Literal["feed", "sitemap", "section"], Source], ...]:
        """Every address that announces pages, with its kind."""
        return (
            *(("feed", source) for source in self.feeds),
            *(("sitemap", source) for source in self.sitemaps),
            *(("section", source) for source in self.sections),
        )
