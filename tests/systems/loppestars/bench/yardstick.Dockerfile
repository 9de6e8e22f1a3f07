# The measure for what dockwright generates: the best that we write by hand.

FROM python:3.11-slim AS base
# The packages are kept in the mount, not in the image
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && echo 'Binary::apt::APT::Keep-Downloaded-Packages "true";' > /etc/apt/apt.conf.d/keep-cache \
    && apt-get update \
    && apt-get install -y --no-install-recommends libheif-examples

# Dependencies: only the requirements lead here; NumPy first, so that another of them does not install it again
FROM python:3.11-slim AS dependencies
RUN python -m venv --without-pip /opt/venv
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=bind,source=requirements-numpy.txt,target=/tmp/requirements-numpy.txt \
    pip --python /opt/venv/bin/python install --no-compile --disable-pip-version-check -r /tmp/requirements-numpy.txt \
    && python -m compileall -q /opt/venv/lib
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=bind,source=requirements-numpy.txt,target=/tmp/requirements-numpy.txt \
    --mount=type=bind,source=requirements.txt,target=/tmp/requirements.txt \
    pip --python /opt/venv/bin/python install --no-compile --disable-pip-version-check -r /tmp/requirements.txt \
    && python -m compileall -q /opt/venv/lib

# The models: by content, so that nothing but another checksum fetches them again
FROM scratch AS models
ARG MODELS_HOST=models.test:8600
ADD --chmod=644 --checksum=sha256:3d2b3c2d005574b8df247482a5076410ac9a428edcc315ac9b01e30a27e86e1f \
    http://$MODELS_HOST/faces-1/faces.json /models/
ADD --chmod=644 --checksum=sha256:477021d8baf85add7102bae0246cc1306bdac27278252ac226ad73edbdf57eb2 \
    http://$MODELS_HOST/faces-1/faces.bin /models/

FROM base AS runtime
RUN groupadd --gid 10001 app \
    && useradd --uid 10001 --gid 10001 --create-home --shell /usr/sbin/nologin app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=models /models models/
COPY --from=dependencies /opt/venv /opt/venv
COPY api api/
# Public settings; they come last, because each of them changes every layer that follows
ARG SOURCE_BUCKET=stall-photos
ARG STORAGE_BUCKET=stall-photos-processed
ARG PUBLIC_URL=http://localhost:8080
ENV SOURCE_BUCKET=$SOURCE_BUCKET \
    STORAGE_BUCKET=$STORAGE_BUCKET \
    PUBLIC_URL=$PUBLIC_URL
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --start-interval=1s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/health', timeout=8)"]
CMD ["uvicorn", "api.main:app", "--host", "0.0.0.0", "--port", "8080"]
