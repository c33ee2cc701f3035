"""The mail itself: what is in it, that servers and mail programs leave it whole, and that nobody slips in a header."""

from __future__ import annotations

import dataclasses
import email
import email.policy
from email.message import EmailMessage

import pytest

from reports.document import Paragraph, Summary
from reports.message import Parts, build, message_id
from tests.reports.press import HOSTILE_TITLE

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PARTS = Parts(
    text="Kính gửi Cục KSTT\n" + "một dòng rất dài " * 200 + "\n.\n..\n",
    html='<p>Kính gửi</p><img src="cid:by-outlet@diembao"><img src="cid:by-week@diembao">' + "<b>x</b>" * 500,
    pictures={"by-outlet": PNG, "by-week": PNG[::-1]},
    attachments=(
        ("Bao-cao-2021-07.docx", WORD, b"\x00\x01.\r\n.\r\n" * 900),
        (
            "Báo cáo tháng 7 năm 2021, bản đầy đủ có tên rất dài để phải ngắt dòng.pdf",
            "application/pdf",
            b"%PDF\n" * 99,
        ),
    ),
)
SENDER, KSTT = "diembao@may-chu-thu.van-phong-chinh-phu.coquan.example", "kstt@coquan.example"


def mail(summary: Summary, revision: int = 0, earlier: tuple[str, ...] = (), parts: Parts = PARTS) -> bytes:
    identity = message_id(summary, SENDER, KSTT, revision)
    return build(summary, parts, SENDER, KSTT, identity, earlier)


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def shape(part: EmailMessage) -> object:
    inner = [shape(child) for child in part.iter_parts()] if part.is_multipart() else []  # type: ignore[arg-type]
    return (part.get_content_type(), *inner) if inner else part.get_content_type()


def test_it_holds_text_html_with_its_pictures_and_the_files(july: Summary) -> None:
    message = parsed(mail(july))
    assert shape(message) == (
        "multipart/mixed",
        ("multipart/alternative", "text/plain", ("multipart/related", "text/html", "image/png", "image/png")),
        WORD,
        "application/pdf",
    )
    assert [part.defects for part in message.walk() if part.defects] == []
    leaves = {part.get_content_type(): part for part in message.walk()}
    assert leaves["text/plain"].get_content().splitlines() == PARTS.text.splitlines()  # type: ignore[attr-defined]
    assert leaves["text/html"].get_content().strip() == PARTS.html  # type: ignore[attr-defined]
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert [picture["Content-ID"] for picture in pictures] == ["<by-outlet@diembao>", "<by-week@diembao>"]
    assert [picture.get_payload(decode=True) for picture in pictures] == [PNG, PNG[::-1]]
    assert {picture.get_content_disposition() for picture in pictures} == {"inline"}
    files = [(part.get_filename(), part.get_content_type(), part.get_content()) for part in message.iter_attachments()]
    assert files == list(PARTS.attachments)


def test_without_pictures_and_files_it_is_text_and_html(july: Summary) -> None:
    bare = Parts("chữ\n", "<p>chữ</p>", {}, ())
    assert shape(parsed(mail(july, parts=bare))) == ("multipart/alternative", "text/plain", "text/html")


def test_the_same_summary_gives_the_same_bytes(july: Summary) -> None:
    assert mail(july) == mail(july)


def test_every_line_is_ascii_and_short_enough_for_any_server(july: Summary) -> None:
    content = mail(dataclasses.replace(july, title="rất dài " * 300 + "x" * 2000))
    lines = content.split(b"\r\n")
    assert all(line.isascii() and b"\n" not in line and b"\r" not in line for line in lines)
    assert max(map(len, lines)) <= 998


def test_a_correction_says_so_and_belongs_to_what_it_corrects(july: Summary) -> None:
    correction = dataclasses.replace(july, corrects=(Paragraph("Đính chính."),))
    earlier = message_id(july, SENDER, KSTT, 0), message_id(july, SENDER, KSTT, 1)
    content = mail(correction, 2, earlier)
    message = parsed(content)
    assert message["Subject"] == f"[ĐÍNH CHÍNH] [DỰ THẢO] {july.title}"
    assert message["In-Reply-To"] == earlier[1]
    assert message["References"].split() == list(earlier)
    # As they are, though longer than a line: encoded, no mail program would find the thread.
    for identity in (*earlier, message_id(july, SENDER, KSTT, 2)):
        assert identity.encode() in content
    assert len({*earlier, message["Message-ID"]}) == 3
    assert parsed(mail(july))["In-Reply-To"] is None


def test_a_subject_keeps_every_space_however_long_it_is(july: Summary) -> None:
    words = "Truyền thông về Cổng Dịch vụ công quốc gia " * 3
    for length in range(1, len(words)):
        title = words[:length].strip()
        content = mail(dataclasses.replace(july, title=title), parts=Parts("", "", {}, ()))
        assert parsed(content)["Subject"] == f"[DỰ THẢO] {title}"
        assert max(map(len, content.split(b"Subject: ")[1].split(b"\r\nFrom")[0].split(b"\r\n"))) <= 78


def test_its_other_headers_say_when_and_by_what_it_was_made(july: Summary) -> None:
    message = parsed(mail(july))
    assert message["Date"].datetime == july.made_at
    assert (message["From"], message["To"]) == (SENDER, KSTT)
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", "vi")
    assert message["Message-ID"] == message_id(july, SENDER, KSTT, 0)


def test_the_first_mail_has_the_message_id_that_it_had_before_there_were_corrections(july: Summary) -> None:
    expected = "<diembao.monthly.2021-07.5ce1772925959fe075e2e17a@example.invalid>"  # tests/warehouse/stored/journal
    assert message_id(july, "diembao@example.invalid", "kstt@example.invalid", 0) == expected


@pytest.mark.parametrize(
    "title", [HOSTILE_TITLE, "a\r\nBcc: ke.la@xa.example\r\n\r\nthân", "a\n.\r\nQUIT\u2028b\x00\x85c"]
)
def test_nobody_slips_in_a_header_or_ends_the_text(title: str, july: Summary) -> None:
    content = mail(dataclasses.replace(july, title=title))
    message = parsed(content)
    assert message["Bcc"] is None
    assert set(message.keys()) == set(parsed(mail(july)).keys())
    assert b"\r\n.\r\n" not in content
    injected = dataclasses.replace(PARTS, attachments=(("a.pdf\r\nBcc: x@y.vn", "application/pdf", b"x"),))
    (attached,) = parsed(mail(july, parts=injected)).iter_attachments()
    assert attached.get_filename() == "a.pdf Bcc: x@y.vn"
    assert attached["Bcc"] is None
