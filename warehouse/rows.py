"""The rows the warehouse loads. Times are UTC; text is NFC; offsets are code points."""

from __future__ import annotations

import pyarrow as pa

_TIME = pa.timestamp("us", tz="UTC")

MENTION = pa.struct(
    [
        ("field", pa.string()),
        ("start_pos", pa.int32()),
        ("end_pos", pa.int32()),
        ("surface", pa.string()),
        ("topic", pa.string()),
        ("sense", pa.string()),
        ("form", pa.string()),
        ("confidence", pa.float64()),
        ("reason", pa.string()),
        ("sentence", pa.string()),
        ("occurrence", pa.int32()),
    ]
)

FACET = pa.struct(
    [
        ("kind", pa.string()),
        ("value", pa.string()),
        ("field", pa.string()),
        ("start_pos", pa.int32()),
        ("end_pos", pa.int32()),
        ("surface", pa.string()),
    ]
)

SENTENCE = pa.struct([("sentence", pa.uint64()), ("words", pa.uint16())])

#: One look at one page, with what was read from it: what the pipeline writes as Parquet for each archive file.
#: Where `problem` says why there is no article, and in a
#: revisit, the columns from `version_id` on are empty.
CAPTURES = pa.schema(
    [
        ("archive_file", pa.string()),
        ("archive_offset", pa.int64()),
        ("article_id", pa.string()),
        ("outlet_id", pa.string()),
        ("url", pa.string()),
        ("captured_at", _TIME),
        ("status", pa.int32()),
        ("payload_digest", pa.string()),
        ("revisit", pa.bool_()),
        ("problem", pa.string()),
        ("version_id", pa.string()),
        ("title", pa.string()),
        ("sapo", pa.string()),
        ("body", pa.string()),
        ("captions", pa.string()),
        ("authors", pa.list_(pa.string())),
        ("section", pa.string()),
        ("kicker", pa.string()),
        ("kinds", pa.list_(pa.string())),
        ("credit", pa.string()),
        ("section_path", pa.list_(pa.string())),
        ("tags", pa.list_(pa.string())),
        ("genre", pa.string()),
        ("language", pa.string()),
        ("links", pa.list_(pa.string())),
        ("published_at", _TIME),
        ("modified_at", _TIME),
        ("canonical_url", pa.string()),
        ("layout", pa.string()),
        ("unread", pa.list_(pa.string())),
        ("word_count", pa.int32()),
        ("body_hash", pa.string()),
        ("mentions", pa.list_(MENTION)),
        ("facets", pa.list_(FACET)),
        ("bands", pa.list_(pa.uint32())),
        ("sentences", pa.list_(SENTENCE)),
    ]
)

#: A text to be grouped into stories outside any archive; `bands` and `sentences` as in CAPTURES.
TEXTS = pa.schema(
    [
        ("article_id", pa.string()),
        ("told_at", _TIME),
        ("body", pa.string()),
        ("body_hash", pa.string()),
        ("bands", pa.list_(pa.uint32())),
        ("sentences", pa.list_(SENTENCE)),
    ]
)

#: One archive file that was read.
FILES = pa.schema(
    [
        ("archive_file", pa.string()),
        ("fingerprint", pa.string()),
        ("captures", pa.int32()),
        ("damages", pa.list_(pa.struct([("archive_offset", pa.int64()), ("what", pa.string())]))),
    ]
)

#: One outlet's crawl, from the crawl log of an archive file.
CRAWLS = pa.schema(
    [
        ("archive_file", pa.string()),
        ("run_id", pa.string()),
        ("outlet_id", pa.string()),
        ("mode", pa.string()),
        ("crawl_time", _TIME),
        ("started_at", _TIME),
        ("ended_at", _TIME),
        ("finish", pa.string()),
        ("reached", pa.bool_()),
        ("alarms", pa.list_(pa.string())),
    ]
)

#: One source asked or page announced in a crawl; `crawled` is what the crawler saw.
FETCHES = pa.schema(
    [
        ("archive_file", pa.string()),
        ("run_id", pa.string()),
        ("outlet_id", pa.string()),
        ("url", pa.string()),
        ("kind", pa.string()),
        ("article_id", pa.string()),
        ("announced", pa.bool_()),
        ("relook", pa.bool_()),
        ("announced_at", _TIME),
        ("announced_by", pa.list_(pa.string())),
        ("listed", pa.bool_()),
        ("items", pa.int32()),
        ("newest_at", _TIME),
        ("crawled", pa.string()),
        ("reason", pa.string()),
        ("status", pa.int32()),
        ("listed_month", pa.string()),
    ]
)

#: An article and its story.
MEMBERS = pa.schema([("article_id", pa.string()), ("story_id", pa.string())])
