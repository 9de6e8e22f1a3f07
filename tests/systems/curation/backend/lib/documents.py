"""From bytes to text: libmagic says what they are, poppler opens PDF."""

import shutil
import subprocess
from dataclasses import dataclass
from html.parser import HTMLParser

import magic

PDF_SECONDS = 20
ENCODING = magic.Magic(mime_encoding=True)


class Unsupported(ValueError):
    """A kind of document that no text can be had from."""


class Unreadable(ValueError):
    """The right kind, but broken."""


@dataclass(frozen=True)
class Kind:
    mime: str
    description: str
    encoding: str


def missing_tools() -> list[str]:
    return [tool for tool in ("pdftotext",) if not shutil.which(tool)]


def identify(data: bytes) -> Kind:
    head = data[:65536]
    return Kind(
        mime=magic.from_buffer(head, mime=True),
        description=magic.from_buffer(head),
        encoding=ENCODING.from_buffer(head),
    )


def text_of(data: bytes, kind: Kind) -> str:
    if kind.mime == "application/pdf":
        return pdf_text(data)
    if kind.mime == "text/html":
        return html_text(decode(data, kind))
    if kind.mime.startswith("text/") or kind.mime == "application/json":
        return decode(data, kind)
    raise Unsupported(f"no text in {kind.mime}")


def decode(data: bytes, kind: Kind) -> str:
    try:
        return data.decode(kind.encoding, errors="replace")
    except LookupError:
        return data.decode("utf-8", errors="replace")


def pdf_text(data: bytes) -> str:
    command = ["pdftotext", "-q", "-enc", "UTF-8", "-", "-"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=PDF_SECONDS, check=True)
    except subprocess.TimeoutExpired as error:
        raise Unreadable("the PDF took too long") from error
    except subprocess.CalledProcessError as error:
        raise Unreadable("the PDF cannot be opened") from error
    return done.stdout.decode("utf-8", errors="replace")


class _Text(HTMLParser):
    SKIPPED = {"script", "style", "template"}

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag, attrs):
        self.depth += tag in self.SKIPPED

    def handle_endtag(self, tag):
        if tag in self.SKIPPED and self.depth:
            self.depth -= 1

    def handle_data(self, data):
        if not self.depth:
            self.parts.append(data)


def html_text(markup: str) -> str:
    parser = _Text()
    parser.feed(markup)
    parser.close()
    return " ".join(part.strip() for part in parser.parts if part.strip())
