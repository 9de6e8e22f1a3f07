"""Routes: a document's bytes in, its type and the terms worth curating out."""

import logging

from fastapi import FastAPI, HTTPException, Query, Request
from starlette.concurrency import run_in_threadpool

from app.settings import Settings
from lib.curate import curate
from lib.documents import Unreadable, Unsupported, identify, missing_tools, text_of
from lib.terms import load_vocabulary

settings = Settings.from_env()
logging.basicConfig(level=settings.log_level)
log = logging.getLogger("curation")

vocabulary = load_vocabulary()
app = FastAPI(title="curation")


@app.get("/health")
def health() -> dict:
    """Fails where libmagic or poppler is missing, and not only once a document arrives."""
    if missing := missing_tools():
        raise HTTPException(503, f"not installed: {', '.join(missing)}")
    return {"status": "ok", "terms": len(vocabulary), "probe": identify(b"%PDF-1.4\n").mime}


@app.get("/terms")
def terms() -> list[dict]:
    return [{"id": term.id, "label": term.label, "aspect": term.aspect} for term in vocabulary]


@app.post("/documents")
async def documents(
    request: Request,
    min_score: float = Query(settings.min_score, ge=0, le=100),
    limit: int = Query(20, ge=1, le=200),
) -> dict:
    data = await read_body(request)
    try:
        return await run_in_threadpool(examine, data, min_score, limit)
    except Unsupported as error:
        raise HTTPException(415, str(error)) from error
    except Unreadable as error:
        raise HTTPException(422, str(error)) from error


async def read_body(request: Request) -> bytes:
    """The whole body, given up as soon as it is longer than allowed."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > settings.max_bytes:
            raise HTTPException(413, f"a document may have {settings.max_bytes} bytes")
    if not data:
        raise HTTPException(400, "an empty document")
    return bytes(data)


def examine(data: bytes, min_score: float, limit: int) -> dict:
    kind = identify(data)
    text = text_of(data, kind)
    found = curate(text, vocabulary, min_score)
    log.info("%s, %d characters, %d terms", kind.mime, len(text), len(found))
    return {
        "mime": kind.mime,
        "description": kind.description,
        "encoding": kind.encoding,
        "characters": len(text),
        "terms": [match.as_dict() for match in found[:limit]],
    }
