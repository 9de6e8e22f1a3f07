"""Routes: a photo of a market stall in, the faces on it out, so that they can be blurred before it is shown."""

import hashlib
import logging

from fastapi import FastAPI, HTTPException, Request
from starlette.concurrency import run_in_threadpool

from api.detector import Detector
from api.photos import Unreadable, decode, missing_tools
from api.settings import Settings

settings = Settings.from_env()
logging.basicConfig(level=settings.log_level)
log = logging.getLogger("loppestars")

# Without its model the service does not start
detector = Detector.load(settings.models)
app = FastAPI(title="loppestars")


@app.get("/health")
def health() -> dict:
    if missing := missing_tools():
        raise HTTPException(503, f"not installed: {', '.join(missing)}")
    return {"status": "ok", "model": detector.name, "templates": len(detector.templates)}


@app.get("/config")
def config() -> dict:
    """What the mobile app may know; of the key only whether there is one."""
    return settings.public() | {"service_role_key": bool(settings.service_role_key)}


@app.post("/photos")
async def photos(request: Request) -> dict:
    data = await read_body(request)
    try:
        found = await run_in_threadpool(lambda: detector.detect(decode(data)))
    except Unreadable as error:
        raise HTTPException(415, str(error)) from error
    name = f"{hashlib.sha256(data).hexdigest()[:16]}.png"
    log.info("%s: %d faces", name, len(found))
    return {
        "faces": [face.as_dict() for face in found],
        "store": {"bucket": settings.storage_bucket, "name": name, "signature": settings.sign(name)},
    }


async def read_body(request: Request) -> bytes:
    """The whole body, given up as soon as it is longer than allowed."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > settings.max_bytes:
            raise HTTPException(413, f"a photo may have {settings.max_bytes} bytes")
    return bytes(data)
