"""A summary as a mail: text and HTML with its pictures, and the files that go with it. The same summary gives the same
bytes."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy

from config.schedule import Attachment
from reports import charts
from reports.document import Summary
from reports.pdf import pdf
from reports.render import render_mail, render_text
from reports.vietnamese import one_line
from reports.word import docx
from reports.workbook import xlsx

_LOG = logging.getLogger(__name__)
_MIME_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a mail carries. `pictures`: PNG by chart name, which `html` shows as cid:<name>@diembao. `attachments`: file
    name (ASCII, for the mail programs of others), MIME type and content."""

    text: str
    html: str
    pictures: Mapping[str, bytes]
    attachments: Sequence[tuple[str, str, bytes]]


def parts_of(summary: Summary, attach: Sequence[Attachment]) -> Parts:
    """The summary, rendered for a mail."""
    pictures = charts.pictures(summary)
    html = render_mail(summary, lambda chart: f"cid:{chart.name}@diembao")
    stem = f"{'Bao-cao' if summary.report == 'monthly' else 'Diem-bao'}-{summary.period}"
    files = [(f"{stem}.{kind}", _MIME_TYPES[kind], document(summary, kind, pictures)) for kind in attach]
    return Parts(render_text(summary), html, pictures, files)


def document(summary: Summary, kind: Attachment, pictures: Mapping[str, bytes]) -> bytes:
    """The summary as a file. What a PDF could not show as it should is logged."""
    match kind:
        case "docx":
            return docx(summary, pictures)
        case "xlsx":
            return xlsx(summary)
        case "pdf":
            made = pdf(summary)
            for note in made.notes:
                _LOG.warning("%s %s: %s", summary.report, summary.period, note)
            return made.content


def message_id(summary: Summary, sender: str, recipient: str, revision: int) -> str:
    """The same for the same report, period, revision and recipient, so that a repeated mail can be known for one."""
    key = [summary.report, summary.period, recipient]
    name = f"diembao.{summary.report}.{summary.period}"
    if revision:
        key.append(str(revision))
        name += f".r{revision}"
    digest = hashlib.sha256("\n".join(key).encode()).hexdigest()[:24]
    return f"<{name}.{digest}@{sender.rpartition('@')[2]}>"


def build(
    summary: Summary, parts: Parts, sender: str, recipient: str, identity: str, earlier: Sequence[str] = ()
) -> bytes:
    """The mail, as it goes over the wire. `identity` is its Message-ID; `earlier` are those of the mails that it
    corrects, oldest first."""
    # EmailMessage refuses line ends in headers; one_line makes sure that a report isn't lost for one.
    message = EmailMessage(policy=_POLICY)
    marks = ["[DỮ LIỆU MẪU]"] if summary.sample else []
    marks += ["[ĐÍNH CHÍNH]"] if summary.corrects else []
    message["Subject"] = one_line(" ".join([*marks, "[DỰ THẢO]", summary.title]))
    message["From"] = one_line(sender)
    message["To"] = one_line(recipient)
    message["Date"] = summary.made_at
    message["Message-ID"] = identity
    if earlier:
        message["In-Reply-To"] = earlier[-1]
        message["References"] = " ".join(earlier)
    # So that no out-of-office reply comes back (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(parts.text, cte="base64")
    message.add_alternative(parts.html, subtype="html", cte="base64")
    *_, html = message.iter_parts()
    for name, picture in parts.pictures.items():
        html.add_related(picture, "image", "png", cid=f"<{name}@diembao>", filename=f"{name}.png", disposition="inline")
    for file_name, mime_type, content in parts.attachments:
        main, _, sub = mime_type.partition("/")
        message.add_attachment(content, main, sub, filename=one_line(file_name))
    # Last: who sets the content takes all Content- headers away.
    message["Content-Language"] = "vi"
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        # base64, which all of it is in, has no "_".
        part.set_boundary("=_" + hashlib.sha256(f"{identity} {number}".encode()).hexdigest()[:32])
    return message.as_bytes()


class _Policy(EmailPolicy):
    """SMTP's, but for two faults of EmailPolicy (Python 3.11): an identifier that is longer than a line is encoded like
    a word (RFC 2047), and nobody finds the thread; and of a long subject some spaces are lost."""

    def fold(self, name: str, value: str) -> str:
        match name.lower():
            case "message-id" | "in-reply-to" | "references":
                return f"{name}: " + f"{self.linesep} ".join(str(value).split()) + self.linesep
            case "subject":
                subject = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
                return f"{name}: {subject}{self.linesep}"
            case _:
                return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")


_POLICY = _Policy(linesep=SMTP.linesep)
