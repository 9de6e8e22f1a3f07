# syntax=docker/dockerfile:1

# The measure for what dockwright generates: the best that we write by hand.

FROM python:3.11-slim AS base
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PATH=/opt/venv/bin:$PATH

# Dependencies: only requirements.txt leads here, and what pip downloads is kept between builds
FROM base AS dependencies
RUN python -m venv --without-pip /opt/venv
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=bind,source=backend/requirements.txt,target=/tmp/requirements.txt \
    pip --python /opt/venv/bin/python install --no-compile --disable-pip-version-check -r /tmp/requirements.txt \
    && python -m compileall -q /opt/venv/lib

FROM base AS runtime
# The packages are kept in the mount, not in the image
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && echo 'Binary::apt::APT::Keep-Downloaded-Packages "true";' > /etc/apt/apt.conf.d/keep-cache \
    && apt-get update \
    && apt-get install -y --no-install-recommends libmagic1 poppler-utils
RUN groupadd --gid 1000 appuser \
    && useradd --uid 1000 --gid 1000 --create-home --shell /usr/sbin/nologin appuser
WORKDIR /app
COPY --from=dependencies /opt/venv /opt/venv
COPY backend/app app/
COPY backend/lib lib/
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --start-interval=1s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]
