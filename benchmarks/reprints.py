"""Makes hard reprints of labelled articles and measures whether they are found: stories by `evaluate stories`.

    python benchmarks/reprints.py --articles articles.jsonl.gz --seed 7

Of each article chosen (texts of at least 150 words that share no text with another) two copies are made, within 72
hours: a new lead and headline, 40 % of the paragraphs dropped, the others in another order, quotations added, the
agency's credit stripped. Leads and quotations are taken from articles that were not chosen. The articles not copied are
there, too, spread over the same days: precision is measured against all of them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.append(sys.path.pop(0))  # benchmarks/warehouse.py must not hide the room of that name

from pipeline.evaluate.files import read_rows, write_rows
from pipeline.evaluate.stories import evaluate_stories

Row = dict[str, Any]
_DROPPED = 0.4
_WORDS = 150
_CREDIT = re.compile(
    r"^\W*(?:theo )?(?:ttxvn|vgp|vietnam\+|vietnamplus|chinhphu\.vn)\W*|\((?:ttxvn|chinhphu\.vn)[^)]*\)", re.I
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, required=True, help="articles.jsonl.gz of the shared press")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--copied", type=int, default=300, help="how many articles are copied (300)")
    parser.add_argument("--write", type=Path, help="write the labelled set to this file as well")
    given = parser.parse_args()
    rows = made(read_rows(given.articles, ("id", "title", "paragraphs")), given.copied, random.Random(given.seed))  # noqa: S311
    with tempfile.TemporaryDirectory() as folder:
        file = given.write or Path(folder) / "reprints.jsonl"
        write_rows(file, rows)
        result = evaluate_stories(file, lambda _: None)
    print(json.dumps({k: v for k, v in result.figures.items() if not k.endswith("_pairs")}, indent=1))
    for error in result.errors:
        print(error)


def made(articles: list[Row], copied: int, chance: random.Random) -> list[Row]:
    """Labelled articles, copies among them."""
    long = [
        row for row in articles if len(" ".join(row["paragraphs"]).split()) >= _WORDS and len(row["paragraphs"]) >= 5
    ]
    once = list({" ".join(row["paragraphs"])[:300]: row for row in long}.values())
    chance.shuffle(once)
    chosen, others = once[:copied], once[copied:]
    sentences = [p for row in others for p in row["paragraphs"] if 15 <= len(p.split()) <= 45]
    start = dt.datetime(2021, 7, 1, 8, tzinfo=dt.timezone(dt.timedelta(hours=7)))
    found = []
    for row in chosen + others:
        at = start + dt.timedelta(hours=chance.uniform(0, 24 * 20))
        found.append(_row(row["id"], row["id"], row["title"], row["paragraphs"], at))
        for number in range(2 if row in chosen else 0):
            later = at + dt.timedelta(hours=chance.uniform(0.2, 35))
            title, *paragraphs = _hard(row["paragraphs"], sentences, chance)
            found.append(_row(f"{row['id']}-copy{number}", row["id"], title, paragraphs, later))
    chance.shuffle(found)
    return found


def _hard(paragraphs: list[str], sentences: list[str], chance: random.Random) -> list[str]:
    """Another headline, then the paragraphs of a copy."""
    kept = chance.sample(range(len(paragraphs)), max(2, round(len(paragraphs) * (1 - _DROPPED))))
    if chance.random() < 0.5:
        kept.sort()
    body = [_CREDIT.sub("", paragraphs[place]) for place in kept]
    for _ in range(max(1, len(body) // 8)):
        body.insert(chance.randrange(len(body) + 1), f"“{chance.choice(sentences)}”, ông nói thêm.")
    return [chance.choice(sentences)[:80], chance.choice(sentences), *body]


def _row(name: str, story: str, title: str, paragraphs: list[str], at: dt.datetime) -> Row:
    return {"id": name, "story": story, "title": title, "paragraphs": paragraphs, "published": at.isoformat()}


if __name__ == "__main__":
    main()
