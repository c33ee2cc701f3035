"""Scrapy's settings for a crawl. Each default changed here is one that is wrong for an archive of the press."""

from __future__ import annotations

from typing import Any

from crawler.job import CrawlJob

#: The product token by which a robots.txt can address us (RFC 9309, 2.2.1).
PRODUCT = "diembao"

_MB = 1024 * 1024

#: By ours, or, as to compression, by the archive's reader: bodies are archived as served, and unpacked whole or not at
#: all. Redirects are followed by their header only.
_REPLACED_DOWNLOADER_MIDDLEWARES = (
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware",
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware",
    "scrapy.downloadermiddlewares.retry.RetryMiddleware",
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware",
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware",
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware",
    "scrapy.downloadermiddlewares.stats.DownloaderStats",
)
#: A 404 is an answer, and archived; a long address is asked for; no host is told where we found it.
_NEEDLESS_SPIDER_MIDDLEWARES = (
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware",
    "scrapy.spidermiddlewares.referer.RefererMiddleware",
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware",
    "scrapy.spidermiddlewares.depth.DepthMiddleware",
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware",
)
_NEEDLESS_EXTENSIONS = (
    "scrapy.extensions.throttle.AutoThrottle",
    "scrapy.extensions.telnet.TelnetConsole",
    "scrapy.extensions.logstats.LogStats",
    "scrapy.extensions.logcount.LogCount",
    "scrapy.extensions.corestats.CoreStats",
    "scrapy.extensions.feedexport.FeedExporter",
)


def user_agent(contact: str) -> str:
    """How we present ourselves."""
    return f"{PRODUCT}/0.1 (press archive; {contact})"


def settings_for(job: CrawlJob) -> dict[str, Any]:
    """Settings shared by all outlets of a job."""
    manners = job.manners
    settings: dict[str, Any] = {
        "USER_AGENT": user_agent(manners.contact),
        # What our archive reader unpacks; without this Scrapy also asks for whatever its libraries know.
        "DEFAULT_REQUEST_HEADERS": {"Accept": "*/*", "Accept-Language": "vi", "Accept-Encoding": "gzip, deflate"},
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": PRODUCT,  # a group is chosen by this word, not by any of the whole header
        "ALLOW_PRIVATE_HOSTS": manners.allow_private_hosts,
        "DOWNLOADER_MIDDLEWARES": {
            "crawler.middlewares.OwnHostsOnly": 90,
            "crawler.middlewares.OneRobotsAtATime": 100,
            "crawler.middlewares.Patience": 550,
            **dict.fromkeys(_REPLACED_DOWNLOADER_MIDDLEWARES),
        },
        "SPIDER_MIDDLEWARES": dict.fromkeys(_NEEDLESS_SPIDER_MIDDLEWARES),
        "EXTENSIONS": {
            "crawler.archiver.Archiver": 0,
            "crawler.middlewares.Throttle": 0,
            **dict.fromkeys(_NEEDLESS_EXTENSIONS),
        },
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",  # the crawl log counts
        "CONCURRENT_ITEMS": 1,  # the default starts a hundred tasks for each response
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
