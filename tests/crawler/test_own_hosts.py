"""Which addresses a crawl of an outlet may ask."""

from __future__ import annotations

import pytest
from scrapy.http import Request

from crawler.middlewares import ForeignHost, OwnHostsOnly, PrivateHost
from tests.crawler.test_frontier import OUTLET


@pytest.mark.parametrize(
    "url",
    [
        "https://baothu.vn/bai-1.html",
        "https://www.baothu.vn/bai-1.html",
        "https://baocu.vn/bai-1.html",
        "https://baothu.vn:443/bai-1.html",
        "http://baothu.vn:80/bai-1.html",
        "https://baothu.vn./bai-1.html",
        "https://BAOTHU.vn/bai-1.html",
    ],
)
def test_every_spelling_of_the_outlets_hosts_is_asked(url: str) -> None:
    OwnHostsOnly(OUTLET, allow_private=False).process_request(Request(url))


@pytest.mark.parametrize(
    "url",
    [
        "https://khac.vn/bai-1.html",
        "https://baothu.vn.khac.vn/bai-1.html",
        "https://baothu.vn:8443/bai-1.html",
        "http://baothu.vn:443/bai-1.html",
        "https://baothu.vn@khac.vn/bai-1.html",
        "https://khac.vn@baothu.vn/bai-1.html",
        "file:///etc/passwd",
        "ftp://baothu.vn/bai-1.html",
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(ForeignHost):
        OwnHostsOnly(OUTLET, allow_private=False).process_request(Request(url))


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "10.1.2.3", "169.254.169.254"])
def test_private_address_is_refused_even_if_it_is_registered(host: str) -> None:
    domains = [{"host": host}]
    outlet = OUTLET.model_validate({**OUTLET.model_dump(), "domains": domains})
    with pytest.raises(PrivateHost):
        OwnHostsOnly(outlet, allow_private=False).process_request(Request(f"http://{host}/bai-1.html"))
    OwnHostsOnly(outlet, allow_private=True).process_request(Request(f"http://{host}/bai-1.html"))
