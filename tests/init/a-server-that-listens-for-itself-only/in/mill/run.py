"""Serves it."""

import uvicorn

from grain import ground

app = ground()

if __name__ == "__main__":
    uvicorn.run("run:app", host="127.0.0.1", port=9100, reload=True)
