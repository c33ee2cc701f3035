"""Scrapy's settings for a crawl. Each default changed here is one that is wrong for an archive of the press."""

from __future__ import annotations

from typing import Any

from crawler.job import CrawlJob

_MB = 1024 * 1024


def settings_for(job: CrawlJob) -> dict[str, Any]:
    """Settings shared by all outlets of a job."""
    manners = job.manners
    settings: dict[str, Any] = {
        "USER_AGENT": f"diembao/0.1 (press archive; {manners.contact})",
        # What our archive reader unpacks; without this Scrapy also asks for whatever its libraries know.
        "DEFAULT_REQUEST_HEADERS": {"Accept": "*/*", "Accept-Language": "vi", "Accept-Encoding": "gzip, deflate"},
        "ROBOTSTXT_OBEY": True,
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawler.middlewares.OwnHostsOnly": 90,
            "crawler.middlewares.OneRobotsAtATime": 100,
            "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
        },
        "EXTENSIONS": {"crawler.archiver.Archiver": 0, "scrapy.extensions.telnet.TelnetConsole": None},
        "DOWNLOAD_DELAY": manners.delay_seconds,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_REQUESTS": 4,  # a stop waits for what is in flight
        "DOWNLOAD_TIMEOUT": manners.timeout_seconds,
        "DOWNLOAD_MAXSIZE": manners.body_limit_mb * _MB,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "CLOSESPIDER_TIMEOUT": manners.minutes_per_night * 60,
        "REDIRECT_MAX_TIMES": 5,
        "RETRY_TIMES": 1,
        # A name that does not resolve won't do so a second later.
        "RETRY_EXCEPTIONS": [
            "scrapy.exceptions.DownloadTimeoutError",
            "scrapy.exceptions.ResponseDataLossError",
        ],
        "HTTPERROR_ALLOW_ALL": True,  # a 404 is an answer, and archived
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "CRITICAL",  # failures are outcomes in the crawl log
    }
    if not manners.allow_private_hosts:
        settings["TWISTED_DNS_RESOLVER"] = "crawler.resolver.PublicAddressesOnly"
    if job.replay:
        settings |= {
            "DOWNLOAD_HANDLERS": {
                "http": "crawler.replay.ReplayHandler",
                "https": "crawler.replay.ReplayHandler",
            },
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
        }
    return settings
