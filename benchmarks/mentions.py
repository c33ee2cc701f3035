"""Times the search for mentions beside peers on labelled articles, in one run.

    python benchmarks/mentions.py --articles articles.jsonl.gz

  lower + Aho-Corasick   the floor: str.lower and one pass for the anchors of config/topics.yaml
  gate                   what decides whether an article is read further: the floor, with white space, invisible
                         characters and decomposed letters seen to
  re                     one expression of all anchors, over the lower-case text
  flashtext2             its KeywordProcessor with the anchors, which knows word boundaries and no spellings
  everything             mentions, senses, facets and tone of the articles that pass the gate
  word_tokenize          underthesea's segmentation of whole articles, of which ours asks for candidate sentences only

Each takes the texts of all articles (everything: of the candidates; word_tokenize: of 60 of them, taken evenly) in
turn, --rounds times; processor seconds of the fastest round. flashtext2 is no dependency of ours: the first run
installs it into --peers, which needs the network; without it, it is shown as absent. Exit code 1 where a bar is
not met.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from config.load import load_config
from nlp.facets import compile_facets, propose_tones, tag_facets
from nlp.find import find_mentions, may_name
from nlp.mention import ArticleText
from nlp.normalize import spellings
from nlp.topics import compile_topics
from pipeline.evaluate.files import read_rows
from pipeline.evaluate.mentions import labelled_time

_PEER = "flashtext2==1.1.0"
_TOKENIZED = 60
#: What the gate may cost of the floor, and what everything has to reach of word_tokenize.
_GATE, _EVERYTHING = 1.5, 3.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, required=True, help="articles.jsonl.gz of the shared press")
    parser.add_argument("--rounds", type=int, default=5)
    peers = Path(__file__).parents[1] / "build" / "peers" / "flashtext2"
    parser.add_argument("--peers", type=Path, default=peers, help="folder to install flashtext2 into")
    given = parser.parse_args()

    config = load_config()
    topics, facets = compile_topics(config.topics), compile_facets(config.facets)
    articles = [_text(row) for row in read_rows(given.articles, ("title", "paragraphs"))]
    fields = [stored for article in articles for _, stored in article.fields()]
    anchors = sorted({spelling for topic in config.topics.topics for a in topic.anchors for spelling in spellings(a)})
    expression = re.compile("|".join(map(re.escape, anchors)))
    candidates = [article for article in articles if any(may_name(stored, topics) for _, stored in article.fields())]
    some = candidates[:: max(1, len(candidates) // _TOKENIZED)][:_TOKENIZED]

    def everything() -> None:
        for article in candidates:
            mentions = find_mentions(article, topics)
            tag_facets(article, mentions, facets)
            list(propose_tones(mentions, facets))

    def tokenize() -> None:
        from underthesea import word_tokenize  # noqa: PLC0415 (it takes a while)

        for article in some:
            for _, stored in article.fields():
                word_tokenize(stored)

    runs: dict[str, tuple[Callable[[], object], int]] = {
        "lower + Aho-Corasick": (
            lambda: [topics.gate.find_matches_as_indexes(s.lower()) for s in fields],
            len(articles),
        ),
        "gate": (lambda: [may_name(s, topics) for s in fields], len(articles)),
        "re": (lambda: [expression.search(s.lower()) for s in fields], len(articles)),
        "everything": (everything, len(candidates)),
        "word_tokenize": (tokenize, len(some)),
    }
    if peer := _flashtext2(given.peers, anchors):
        runs["flashtext2"] = (lambda: [peer.extract_keywords(s) for s in fields], len(articles))
    find_mentions(candidates[0], topics)  # which loads the tokenizer
    seconds = {name: _fastest(run, given.rounds, name) / count for name, (run, count) in runs.items()}
    table = Table("", "articles", "articles/s", "microseconds each", box=MARKDOWN)
    for name, (_, count) in runs.items():
        table.add_row(name, str(count), f"{1 / seconds[name]:.0f}", f"{seconds[name] * 1e6:.0f}")
    Console(width=120).print(table)
    if "flashtext2" not in runs:
        print("flashtext2: absent; its first run needs the network")
    gate, all_of_it = (
        seconds["gate"] / seconds["lower + Aho-Corasick"],
        seconds["word_tokenize"] / seconds["everything"],
    )
    print(f"{_met(gate <= _GATE)}: the gate costs {gate:.2f} x the floor, the bar is {_GATE} x")
    print(
        f"{_met(all_of_it >= _EVERYTHING)}: everything is {all_of_it:.1f} x word_tokenize, the bar is {_EVERYTHING} x"
    )
    if gate > _GATE or all_of_it < _EVERYTHING:
        raise SystemExit(1)


def _text(row: dict[str, Any]) -> ArticleText:
    when = labelled_time(row.get("published"))
    return ArticleText(row["title"] or None, None, "\n".join(row["paragraphs"]), None, when)


def _fastest(run: Callable[[], object], rounds: int, name: str) -> float:
    seconds = []
    for number in range(rounds):
        begun = time.process_time()
        run()
        seconds.append(time.process_time() - begun)
        sys.stderr.write(f"round {number + 1}, {name}: {seconds[-1]:.2f} s\n")
    return min(seconds)


def _flashtext2(folder: Path, anchors: Sequence[str]) -> Any:
    """Its processor with the anchors; None where it can't be had."""
    if not (folder / "flashtext2").is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), _PEER]
        if subprocess.run(command, check=False).returncode:
            return None
    sys.path.append(str(folder))
    from flashtext2 import KeywordProcessor  # noqa: PLC0415 (a peer that may be absent)

    processor = KeywordProcessor(case_sensitive=False)
    for anchor in anchors:
        processor.add_keyword(anchor, anchor)
    return processor


def _met(met: bool) -> str:
    return "MET" if met else "NOT MET"


if __name__ == "__main__":
    main()
