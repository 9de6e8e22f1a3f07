# How it is often written: everything copied first, one stage, tools only there for the health check.
FROM python:3.11-slim

WORKDIR /repo
COPY . .

RUN apt-get update && apt-get install -y \
    build-essential \
    curl \
    libmagic1 \
    poppler-utils

RUN pip install --no-cache-dir -r backend/requirements.txt

WORKDIR /repo/backend
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s CMD curl -f http://localhost:8000/health || exit 1
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]
