from fastapi import FastAPI

from weather.routes import router

app: FastAPI = FastAPI(title="weather")
app.include_router(router, prefix="/api")


@app.get("/healthz", include_in_schema=False)
async def healthz():
    return {"status": "well"}
