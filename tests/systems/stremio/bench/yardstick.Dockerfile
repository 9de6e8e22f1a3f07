# The measure for what dockwright generates: the best that we write by hand.

FROM python:3.11-slim AS base
# The browser lies where every user can read it, not in root's home
ENV PLAYWRIGHT_BROWSERS_PATH=/ms-playwright \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# What Playwright lists for Chromium on Debian 12, and libatomic1 for Playwright's own Node
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && echo 'Binary::apt::APT::Keep-Downloaded-Packages "true";' > /etc/apt/apt.conf.d/keep-cache \
    && apt-get update \
    && apt-get install -y --no-install-recommends \
        libasound2 \
        libatk-bridge2.0-0 \
        libatk1.0-0 \
        libatomic1 \
        libatspi2.0-0 \
        libcairo2 \
        libcups2 \
        libdbus-1-3 \
        libdrm2 \
        libgbm1 \
        libglib2.0-0 \
        libnspr4 \
        libnss3 \
        libpango-1.0-0 \
        libx11-6 \
        libxcb1 \
        libxcomposite1 \
        libxdamage1 \
        libxext6 \
        libxfixes3 \
        libxkbcommon0 \
        libxrandr2

# Dependencies: only requirements.txt leads here, and what pip downloads is kept between builds
FROM base AS dependencies
RUN python -m venv --without-pip /opt/venv
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=bind,source=requirements.txt,target=/tmp/requirements.txt \
    pip --python /opt/venv/bin/python install --no-compile --disable-pip-version-check -r /tmp/requirements.txt \
    && python -m compileall -q /opt/venv/lib

# The browser: of requirements.txt only Playwright's line leads here, so another dependency downloads no browser
FROM base AS playwright
RUN --mount=type=bind,source=requirements.txt,target=/tmp/requirements.txt \
    grep '^playwright==' /tmp/requirements.txt > /playwright.txt

FROM base AS browser
ARG PLAYWRIGHT_DOWNLOAD_HOST
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=bind,from=playwright,source=/playwright.txt,target=/tmp/playwright.txt \
    python -m venv --without-pip /tmp/venv \
    && pip --python /tmp/venv/bin/python install --no-compile --disable-pip-version-check -r /tmp/playwright.txt \
    && /tmp/venv/bin/playwright install --only-shell chromium \
    && rm -rf /tmp/venv

FROM base AS runtime
RUN groupadd --gid 10001 app \
    && useradd --uid 10001 --gid 10001 --create-home --shell /usr/sbin/nologin app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH
COPY --from=browser /ms-playwright /ms-playwright
COPY --from=dependencies /opt/venv /opt/venv
COPY src src/
USER 10001:10001
EXPOSE 7000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --start-interval=1s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:7000/manifest.json', timeout=8)"]
CMD ["python", "src/main.py"]
