"""Where on a page the article stands, and what stands in it that is none of it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice, takewhile

from selectolax.lexbor import LexborNode

from pipeline.extract import blocks, runs
from pipeline.extract.runs import Run
from pipeline.extract.text import clean, same_words

# What never holds an article, by its tag or by the names that the press's content systems share.
_NEVER = (
    "script:not([type='application/ld+json']), style, noscript, iframe, nav, footer, aside, svg, button, select, "
    "template, [type='RelatedNewsBox'], [type='RelatedOneNews'], [class*='related'], [class*='relate-'], "
    "[class*='-relate'], [class*='lienquan'], [class*='lien-quan'], [class*='comment'], [id*='comment'], "
    "[class*='breadcrumb'], [class*='tags'], [class*='social'], [class*='box-tin'], [class*='banner'], .wrap-adv, "
    "[class^='footer'], [id*='footer'], [class*='readmore'], [class*='news-feed'], [class*='newsfeed'], "
    ".link-content-footer, .list-news, .list_link, .tindnd, .chisochungkhoan, .link-source-wrapper, .link-source-name, "
    "p.source, .inner-article, .for-reading-mode"
)
_CAPTIONS = (
    "figcaption, figure, .PhotoCMS_Caption, table.tplCaption, table.ImageBox, table.picture, td.pCaption, .imgcaption, "
    ".image_desc, p.img_chu_thich_0407, [class*='caption']"
)
_INLINE = frozenset({"a", "b", "em", "i", "span", "strong", "u"})
_LISTS = "ul, ol, dl, div, section, table, blockquote, article"
_TEASER = 3  # paragraphs: headline, summary, date
# Blocks whose text may stand in them directly; a paragraph's stands for the block around it.
_HOLDS_TEXT = frozenset({"div", "td", "section", "article", "main", "center", "body", "blockquote"})
_SENTENCE = re.compile(r"[,;.!?…:”\"](?:\s|$)")
_LONGEST_WORD = 15  # on the average of a text
_NEARLY, _WORTHWHILE = 0.6, 0.15
_LONGEST_CAPTION = 300
# What stands over boxes that follow an article.
_AFTERWARDS = re.compile(
    r"[\W_]*(?:(?:tin|bài)? ?cùng chuyên mục"
    r"|(?:các |những )?(?:tin|bài|tin,? bài|tin tức|bài viết)(?: viết)?"
    r" (?:liên quan|cùng chuyên mục|cùng chủ đề|khác|mới(?: nhất| hơn| cập nhật)?|gần đây|cũ hơn|đã đưa|tiếp(?: theo)?)"
    r"|(?:đọc|xem) (?:thêm|nhiều|tiếp)(?: nhất)?(?: (?:tin|bài|các bài|những bài)(?: viết)?(?: khác)?)?|đọc bài theo .*"
    r"|có thể bạn quan tâm|bạn có thể (?:quan tâm|thích)|(?:từ kh(?:óa|oá)|tags?)(?: ?:.*)?|chủ đề(?: ?:)?"
    r"|tin nổi bật|(?:\d+ )?(?:bình luận|ý kiến|phản hồi)(?: (?:bạn đọc|độc giả|của bạn|của bạn đọc))?"
    r"|(?:gửi|viết) (?:bình luận|ý kiến|phản hồi)(?: của bạn)?|chia sẻ(?: (?:bài viết|lên|qua|trên).*)?"
    r"|theo dõi (?:chúng tôi|báo|kênh|trên|fanpage).*|related(?: (?:articles?|news|stories|posts?|topics?))?"
    r"|read more.*|more (?:on|from) .*|(?:\d+ )?comments?)"
    r"(?: ?\(\d+\))?[\W_]*",
    re.IGNORECASE,
)
_FURNITURE = re.compile(r"(?:quảng cáo|advertisements?|loading|đang tải)[.…]*", re.IGNORECASE)
_LONGEST_HEADING = 60


def strip(root: LexborNode) -> None:
    """Takes out what never is article; a word within a sentence stays, whatever its class, and so does what holds most
    of the page: names such as "comments-enabled" are given to all of it, too."""
    most = len(root.text()) // 2
    for node in root.css(_NEVER):
        if node.tag not in _INLINE and node.css_first("h1") is None and len(node.text()) <= most:
            blocks.remove([node])


def find(page: Sequence[Run]) -> LexborNode | None:
    """The block that holds the article: of those with much text that is no link, the first on the page."""
    printed = Counter(run.block.mem_id for run in page)
    weights: defaultdict[int, float] = defaultdict(float)
    blocks_seen: dict[int, LexborNode] = {}
    for run in page:
        if not run.is_text or not _is_prose(run.text):
            continue
        weight = run.plain * (1.0 if _SENTENCE.search(run.text) else 0.3)
        # A block of one run is a paragraph, whatever its tag; its text stands for the block around it.
        alone = printed[run.block.mem_id] == 1 or run.block.tag not in _HOLDS_TEXT
        block: LexborNode | None = run.block.parent if alone else run.block
        for share in (1.0, 0.5, 0.25):
            while block is not None and block.tag in _INLINE:  # a link that nobody closed holds paragraphs
                block = block.parent
            if block is None:
                break
            weights[block.mem_id] += weight * share
            blocks_seen.setdefault(block.mem_id, block)
            block = block.parent
    if not weights:
        return None
    heaviest = max(weights, key=weights.__getitem__)
    best = blocks_seen[heaviest]
    # In page order. What comes before the heaviest and is nearly as heavy is the article, and that one the comments.
    for identity, block in blocks_seen.items():
        if identity != heaviest and weights[identity] < _NEARLY * weights[heaviest]:
            continue
        if identity == heaviest or not (holds(block, best) or holds(best, block)):
            return _continued(block, page)
    return best


def _continued(body: LexborNode, page: Sequence[Run]) -> LexborNode:
    """The block, or the one around it where the text goes on right below it."""
    within = inside(body)
    last = max(place for place, run in enumerate(page) if run.block.mem_id in within)
    following = list(takewhile(lambda run: run.is_text, page[last + 1 :]))
    own = sum(run.plain for run in page if run.block.mem_id in within)
    if not following or sum(run.plain for run in following) < _WORTHWHILE * own:
        return body
    return next((block for block in blocks.above(body) if holds(block, following[0].block)), body)


def inside(body: LexborNode) -> set[int]:
    """The identities of an element and of all below it."""
    return {body.mem_id, *(node.mem_id for node in body.css("*"))}


def prose(page: Sequence[Run], within: set[int]) -> int:
    """How many characters of the runs in those elements are text of an article's kind."""
    return sum(run.plain for run in page if run.block.mem_id in within and run.is_text)


def _is_prose(text: str) -> bool:
    """Addresses and data that a script left in the page are no words."""
    return len(text) < _LONGEST_WORD * len(text.split())


def holds(body: LexborNode, node: LexborNode) -> bool:
    return any(around.mem_id == body.mem_id for around in (node, *blocks.above(node)))


def tidy(body: LexborNode) -> None:
    """Takes out lists of links, teasers of other articles, and lines that only lead elsewhere."""
    most = len(body.text()) // 2
    for box in body.css(_LISTS):
        if box.mem_id != body.mem_id and (_is_list_of_links(box) or (_is_headed(box) and len(box.text()) <= most)):
            box.decompose()
    for heading in body.css("h2, h3, h4"):
        teaser = heading.parent
        if _is_link(heading) and teaser and teaser.mem_id != body.mem_id and len(blocks.paragraphs(teaser)) <= _TEASER:
            teaser.decompose()
    blocks.remove(blocks.pointers(body))


def frame_captions(root: LexborNode, told: Iterable[str]) -> None:
    """Makes captions of what is printed with a picture and nothing else, unless it is title or description."""
    blocks.to_captions(node for node in root.css(_CAPTIONS) if len(node.text()) <= 2 * _LONGEST_CAPTION)
    heads = tuple(told)
    long: set[int] = set()
    for picture in root.css("img, amp-img, picture"):
        framed = _frame(picture, root, long)
        if framed is None:
            continue
        text = blocks.line(framed)
        if not any(same_words(text, head) for head in heads):
            blocks.to_captions([framed])


def end(paragraphs: Sequence[tuple[str, str]]) -> int:
    """How many of the paragraphs are the article's: those above the first heading of what follows articles, unless
    more than a quarter of the text stands below it."""
    whole = below = sum(len(text) for _, text in paragraphs)
    for place, (_, text) in enumerate(paragraphs):
        if is_heading_of_links(text) and below * 4 < whole:
            return place
        below -= len(text)
    return len(paragraphs)


def is_furniture(text: str) -> bool:
    """What stands in a body on every page: headings of boxes, the word for an advertisement or a player."""
    return is_heading_of_links(text) or _FURNITURE.fullmatch(text) is not None


def is_heading_of_links(text: str) -> bool:
    return len(text) <= _LONGEST_HEADING and _AFTERWARDS.fullmatch(text) is not None


def _is_list_of_links(box: LexborNode) -> bool:
    links = box.css("a[href]")
    return len({link.attributes["href"] for link in links}) > 1 and _is_link(box, links)


def _is_headed(box: LexborNode) -> bool:
    """Whether it begins with what stands over boxes of links."""
    start = box.text(separator="\n", strip=True)[: 2 * _LONGEST_HEADING].partition("\n")[0]
    return is_heading_of_links(clean(start)) and "\n" in box.text(separator="\n", strip=True)


def _is_link(node: LexborNode, links: Sequence[LexborNode] | None = None) -> bool:
    """Whether most of its text is in links."""
    if any(around.tag == "a" for around in islice(blocks.above(node), 2)):
        return True
    size = len(clean(node.text()))
    linked = sum(len(clean(link.text())) for link in (node.css("a[href]") if links is None else links))
    return size > 0 and linked * 10 >= size * 6


def _frame(picture: LexborNode, body: LexborNode, long: set[int]) -> LexborNode | None:
    """The smallest block around a picture that has text, if that is short and of one piece. `long` remembers those
    whose text is not short, which the next picture need not read again."""
    for block in takewhile(lambda block: block.mem_id != body.mem_id, blocks.above(picture)):
        if block.mem_id in long:
            return None
        text = clean(block.text())
        if len(text) > _LONGEST_CAPTION:
            long.add(block.mem_id)
        elif text:
            of_one_piece = len(runs.read(block)) == 1
            return block if of_one_piece and block.tag not in _INLINE and block.tag != "p" else None
    return None
