"""Scrapy's settings for a crawl. Each default changed here is one that is wrong for an archive of the press."""

from __future__ import annotations

from typing import Any

from crawler.job import CrawlJob

_MB = 1024 * 1024


def user_agent(contact: str) -> str:
    """How we present ourselves."""
    return f"diembao/0.1 (press archive; {contact})"


def settings_for(job: CrawlJob) -> dict[str, Any]:
    """Settings shared by all outlets of a job."""
    manners = job.manners
    settings: dict[str, Any] = {
        "USER_AGENT": user_agent(manners.contact),
        # What our archive reader unpacks; without this Scrapy also asks for whatever its libraries know.
        "DEFAULT_REQUEST_HEADERS": {"Accept": "*/*", "Accept-Language": "vi", "Accept-Encoding": "gzip, deflate"},
        "ROBOTSTXT_OBEY": True,
        "ALLOW_PRIVATE_HOSTS": manners.allow_private_hosts,
        "DOWNLOADER_MIDDLEWARES": {
            "crawler.middlewares.OwnHostsOnly": 90,
            "crawler.middlewares.OneRobotsAtATime": 100,
            "crawler.middlewares.Patience": 550,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
            # Bodies are archived as served, and unpacked, whole or not at all, by the archive's own reader.
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        },
        "EXTENSIONS": {
            "crawler.archiver.Archiver": 0,
            "crawler.middlewares.Throttle": 0,
            "scrapy.extensions.throttle.AutoThrottle": None,
            "scrapy.extensions.telnet.TelnetConsole": None,
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.corestats.CoreStats": None,
        },
        "DOWNLOAD_DELAY": manners.delay_seconds,
        "DOWNLOAD_DELAY_JITTER": 0,  # half the delay now and then would break a Crawl-delay
        "AUTOTHROTTLE_ENABLED": manners.delay_seconds > 0,
        "AUTOTHROTTLE_START_DELAY": manners.delay_seconds,
        # One request at a time: what a host has asked for is known before the next one is sent.
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_REQUESTS": 1,
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",  # what was announced first is fetched first
        "DOWNLOAD_TIMEOUT": manners.timeout_seconds,
        "DOWNLOAD_MAXSIZE": manners.body_limit_mb * _MB,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "CLOSESPIDER_TIMEOUT": manners.minutes_per_night * 60,
        "REDIRECT_MAX_TIMES": 5,
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
            "AUTOTHROTTLE_ENABLED": False,
        }
    return settings
