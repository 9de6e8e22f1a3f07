# How it is often written: everything copied first, one stage, every browser dependency, all as root.
FROM python:3.11-slim

WORKDIR /app
COPY . .

RUN apt-get update && apt-get install -y \
    libatomic1 \
    curl

RUN pip install --no-cache-dir -r requirements.txt

ARG PLAYWRIGHT_DOWNLOAD_HOST
RUN playwright install --only-shell chromium
RUN playwright install-deps chromium

EXPOSE 7000
HEALTHCHECK --interval=30s --timeout=10s CMD curl -f http://localhost:7000/manifest.json || exit 1
CMD python src/main.py
