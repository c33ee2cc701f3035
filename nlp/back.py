"""Short names that mean what was named in full before: "Cổng" after "Cổng Dịch vụ công quốc gia"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlp.normalize import Normal
from nlp.senses import Place, Verdict
from nlp.spans import Span
from nlp.topics import CompiledTopic, Finder

# Below the names that can mean one thing only: the reader has to think, too.
_CONFIDENCE = 0.85

Named = tuple[Place, Verdict]


def refer_back(
    topic: CompiledTopic, named: Sequence[Named], normals: Sequence[Normal], starts: Sequence[list[int]]
) -> Iterator[Named]:
    """The short names of `topic` behind one of `named`, its mentions in reading order. Where the name before it is of
    another sense, a short name could mean either, and means none."""
    for order, normal in enumerate(normals):
        taken = {at for place, _ in named if place.order == order for at in range(place.span.start, place.span.end)}
        for back in topic.backs:
            for match in back.regex.finditer(normal.cased):
                before = [one for one in named if (one[0].order, one[0].span.end) <= (order, match.start())]
                if not before or before[-1][1].sense != back.sense or not taken.isdisjoint(range(*match.span())):
                    continue
                place, _ = before[-1]
                full = place.normal.lower[place.span.start : place.span.end]
                finder = Finder("name", back.regex, back.sense, {}, bounded=False)
                span = Span(match.start(), match.end(), finder, short=True)
                verdict = Verdict(back.sense, _CONFIDENCE, f"refers back to “{full}”")
                yield Place(order, normal, starts[order], span), verdict
