# The measure for what dockwright generates: the best that we write by hand.

# Poetry in an environment of its own: it changes with its version only, and stays out of the runtime image
FROM python:3.12-slim AS builder
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv --without-pip /opt/poetry \
    && pip --python /opt/poetry/bin/python install --no-compile --disable-pip-version-check poetry==2.5.1

# Dependencies: only the lock file and its project lead here. Poetry installs into the environment that is active,
# and brings what it needs to clone the dependency from git; the clone it leaves in src/ is of no use afterwards
RUN python -m venv --without-pip /opt/venv
ENV VIRTUAL_ENV=/opt/venv \
    PATH=/opt/venv/bin:$PATH
WORKDIR /build
RUN --mount=type=cache,target=/root/.cache/pypoetry \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    --mount=type=bind,source=poetry.lock,target=poetry.lock \
    /opt/poetry/bin/poetry install --no-interaction --no-root --only main \
    && rm -rf /opt/venv/src \
    && python -m compileall -q /opt/venv/lib

FROM python:3.12-slim AS runtime
RUN groupadd --gid 10001 pyhabot \
    && useradd --uid 10001 --gid 10001 --create-home --shell /usr/sbin/nologin pyhabot \
    && install -d -o 10001 -g 10001 /data
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app/src \
    PYTHONUNBUFFERED=1 \
    PERSISTENT_DATA_PATH=/data \
    TZ=Europe/Budapest
COPY --from=builder /opt/venv /opt/venv
COPY entrypoint.sh ./
COPY src src/
USER 10001:10001
VOLUME /data
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s --start-interval=1s --retries=3 \
    CMD ["python", "-m", "pyhabot.alive"]
ENTRYPOINT ["./entrypoint.sh"]
CMD ["python", "-m", "pyhabot"]
