from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from corpus.article import Article
from tests.corpus.formats.reading_kit import Read, articles, only, read, reasons

__all__ = ["read"]

NEWS = "The night ferry to Orkney carried 212 passengers on its last crossing on Monday."
MORE = "Its owner, Northern Lines, said that a new ship would cost 40 million pounds."

NEWSLETTER = f"""\
<html><head><title>The Harbour Letter</title></head><body>
<div style="display:none;max-height:0">Words for the inbox that nobody sees</div>
<table role="presentation"><tr><td><a href="https://h.example/v">View this email in your browser</a>
</td></tr><tr><td><table><tr><td><img src="logo.png" alt="logo"></td></tr>
<tr><td><h1>Ferry stops</h1><p>{NEWS}</p><p>{MORE}</p></td></tr></table></td></tr>
<tr><td>You are receiving this because you signed up. <a href="https://h.example/u">Unsubscribe</a>
</td></tr><tr><td>1 Quay Street, Kirkwall</td></tr></table></body></html>
"""


def message(text: str, subject: str = "Ferry stops", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = '"The Harbour Letter" <letter@harbour.example>'
    mail["Subject"] = subject
    mail["Date"] = "Tue, 27 Oct 2020 07:00:00 +0100"
    mail["Message-ID"] = "<7@harbour.example>"
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def test_a_newsletter_is_read_as_a_page_without_its_frame(read: Read, tmp_path: Path) -> None:
    mail = message("See the HTML part.", "Ferry to Orkney stops – what now?")
    mail.add_alternative(NEWSLETTER, subtype="html")
    assert only(read("letter.eml", bytes(mail))) == Article(
        f"{tmp_path}/letter.eml#7@harbour.example",
        "Ferry to Orkney stops – what now?",
        f"{NEWS}\n\n{MORE}",
        "The Harbour Letter",
        date(2020, 10, 27),
    )


def test_plain_text_is_read_where_the_html_has_none(read: Read) -> None:
    mail = message(f"{NEWS}\n\n{MORE}\n")
    mail.add_alternative("<html><body><img src='all.png'></body></html>", subtype="html")
    assert only(read("letter.eml", bytes(mail))).body == f"{NEWS}\n\n{MORE}"


def test_the_frame_of_a_plain_letter_is_left_out(read: Read) -> None:
    about = "The law says that whoever wants to unsubscribe must be let go within a day."
    letter = (
        f"View this email in your browser\n\n{NEWS}\n\n{about}\n\n{'Filler it is. ' * 30}\n\n"
        + "\n\n".join(f"Paragraph {number} has some words." for number in range(12))
        + "\n\nTo stop these letters, unsubscribe here: https://h.example/u\n\n1 Quay Street\n"
    )
    body = only(read("a.eml", bytes(message(letter)))).body
    assert body.startswith(f"{NEWS}\n\n{about}\n\nFiller")
    assert body.endswith("Paragraph 11 has some words.")


def test_soft_line_breaks_are_taken_out(read: Read) -> None:
    text = "The quay is closed until \nFriday, the master \nsaid.\nNobody was hurt.\n"
    mail = message(text)
    mail.set_param("format", "flowed")
    assert only(read("a.eml", bytes(mail))).body == (
        "The quay is closed until Friday, the master said.\n\nNobody was hurt."
    )
    mail.set_param("delsp", "yes")
    assert "untilFriday" in only(read("b.eml", bytes(mail))).body


def test_quotes_and_signatures_are_left_out(read: Read) -> None:
    reply = (
        f"{NEWS}\n\nOn Tue, Oct 27, 2020 at 7:00 AM Ann <a@b.example> wrote:\n"
        f"> Did it sail?\n> When?\n\n{MORE}\n\n-- \nBob Reader\n0123 456\n"
    )
    article = only(read("reply.eml", bytes(message(reply, "Re: Ferry"))))
    assert (article.title, article.body) == ("Ferry", f"{NEWS}\n\n{MORE}")
    marked = (
        f"<html><body><div><p>{NEWS}</p><p>{MORE}</p></div><div class='gmail_signature'>Bob</div>"
        "<div class='gmail_quote'>On Tuesday Ann wrote:<blockquote>Did it sail at the hour that "
        "was promised, and with how many people aboard?</blockquote></div></body></html>"
    )
    mail = message("x")
    mail.add_alternative(marked, subtype="html")
    assert only(read("marked.eml", bytes(mail))).body == f"{NEWS}\n\n{MORE}"


@pytest.mark.parametrize("is_html", [False, True])
def test_a_forwarded_letter_is_its_senders(read: Read, is_html: bool) -> None:
    header = [
        "---------- Forwarded message ---------",
        "From: The Quay Times <q@example.org>",
        "Date: Mon, Oct 26, 2020 at 7:00 AM",
        "Subject: Ferry stops",
        "To: <bob@example.org>",
    ]
    mail = message("\n".join(["FYI", "", *header, "", NEWS, "", MORE]), "Fwd: Ferry stops")
    if is_html:
        mail.add_alternative(
            f"<html><body><div>FYI</div><div class='gmail_quote'><div class='gmail_attr'>"
            f"{'<br>'.join(line.replace('<', '&lt;') for line in header)}<br></div>"
            f"<p>{NEWS}</p><p>{MORE}</p></div></body></html>",
            subtype="html",
        )
    article = only(read("fwd.eml", bytes(mail)))
    assert (article.title, article.body) == ("Ferry stops", f"{NEWS}\n\n{MORE}")
    assert (article.source, article.published) == ("The Quay Times", date(2020, 10, 26))


def test_attachments_that_can_be_read_are_and_others_counted(read: Read, tmp_path: Path) -> None:
    mail = message(NEWS)
    mail.add_attachment(
        b"Lighthouse lit\n\nThe lighthouse was lit.", "text", "plain", filename="l.txt"
    )
    mail.add_attachment(b"\x89PNG", "image", "png", filename="logo.png")
    mail.add_attachment(b"\x00\x01", "application", "json", filename="bad.json")
    mail.add_attachment(message("The bridge opened.", "Bridge", Message_ID="<b@h>"))
    others: Counter[str] = Counter()
    items = read("a.eml", bytes(mail), others)
    uri = f"{tmp_path}/a.eml#7@harbour.example"
    assert [article.uri for article in articles(items)] == [
        uri,
        f"{uri}!/l.txt",
        f"{uri}!/message.eml#b@h",
    ]
    assert reasons(items) == {"bad.json": "a binary file, not text"}
    assert others == {".png": 1}


def test_a_mailbox_gives_each_message(read: Read, tmp_path: Path) -> None:
    quoted = f"{NEWS}\n\nFrom Monday on nothing sails.\n>From the quay one sees it.\n"
    first = bytes(message(quoted)).replace(b"\n>From the", b"\n>>From the")
    first = first.replace(b"\nFrom Monday", b"\n>From Monday")
    second = bytes(message(MORE, "Ship", Message_ID="<8@harbour.example>"))
    third = bytes(message("No identity.", Message_ID="")).replace(b"Message-ID: \n", b"")
    box = b"".join(
        b"From - Tue Oct 27 07:00:00 2020\n" + one + b"\n" for one in (first, second, third)
    )
    found = articles(read("letters.mbox", box))
    named = [article.uri.removeprefix(f"{tmp_path}/letters.mbox#") for article in found]
    assert named[:2] == ["7@harbour.example", "8@harbour.example"]
    assert re.fullmatch("[0-9a-f]{16}", named[2])
    assert "From Monday on nothing sails." in found[0].body
    assert ">From" not in found[0].body


def test_a_letter_without_an_identity_is_the_same_whatever_comes_before_it(read: Read) -> None:
    letters = [
        bytes(message(text, subject, Message_ID="")).replace(b"Message-ID: \n", b"")
        for text, subject in ((NEWS, "One"), (MORE, "One"), (MORE, "Two"))
    ]
    ids = {
        box: [article.uri for article in articles(read("a.mbox", b"".join(map(_stored, box))))]
        for box in (tuple(letters), tuple(letters[1:]), tuple(letters[::-1]))
    }
    whole, shorter, turned = ids.values()
    assert len({*whole}) == 3
    assert (shorter, turned) == (whole[1:], whole[::-1])
    windows = letters[0].replace(b"\n", b"\r\n")
    assert [a.uri for a in articles(read("a.mbox", b"From a@b\n" + windows))] == whole[:1]


def _stored(letter: bytes) -> bytes:
    return b"From a@b\n" + letter + b"\n"


def test_one_bad_message_does_not_stop_the_others(read: Read, tmp_path: Path) -> None:
    huge = b"Subject: huge\n\n" + b"word " * (3 << 20)
    broken = b'Content-Type: multipart/mixed; boundary="x"\nSubject: empty\n\n--x--\n'
    good = bytes(message(NEWS))
    box = b"".join(b"From a@b\n" + one + b"\n\n" for one in (huge, broken, good))
    items = read("letters.mbox", box)
    assert [article.body for article in articles(items)] == [NEWS]
    assert reasons(items) == {
        "letters.mbox#1": "larger than 10 MB",
        "letters.mbox#2": "no text in this message",
    }


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Type: text/plain; " + b"a*0=b; " * 2000,
        b"From: " + b"a@b.example,\n " * 2000,
        b'Content-Type: multipart/mixed; boundary="x"\n\n' + b"--x\n\nx\n" * 2000,
    ],
)
def test_what_would_be_taken_apart_for_minutes_is_refused(read: Read, head: bytes) -> None:
    [reason] = reasons(read("a.eml", head + b"\nSubject: x\n\nIt rained.\n")).values()
    assert reason == "a message with overlong fields or more than 300 parts"


@pytest.mark.parametrize(
    ("declared", "bytes_"),
    [("koi8-r", "koi8_r"), ("no-such-charset", "utf-8"), ("utf-8", "cp1251")],
)
def test_charsets_of_parts(read: Read, declared: str, bytes_: str) -> None:
    text = "Ночной паром в последний раз вышел в море в понедельник вечером."
    head = f"From: a@b.example\nSubject: x\nContent-Type: text/plain; charset={declared}\n"
    data = f"{head}Content-Transfer-Encoding: 8bit\n\n".encode() + text.encode(bytes_)
    article = only(read("a.eml", data))
    assert article.body == text
    assert article.source == "b.example"


def test_an_attached_record_does_not_stand_for_the_page_it_names(read: Read) -> None:
    mail = message(MORE)
    record = json.dumps({"title": "Ferry", "text": NEWS, "url": "https://paper.example/ferry"})
    mail.add_attachment(record.encode(), maintype="application", subtype="json", filename="a.json")
    letter, attached = articles(read("a.eml", bytes(mail)))
    assert attached.uri == f"{letter.uri}!/a.json#https://paper.example/ferry"
    assert attached.body == NEWS
