# syntax=docker/dockerfile:1

# Written by dockwright: change dockwright.toml and run `dockwright generate`.
# dockwright: ...

# The Python packages, in a virtual environment that the runtime stage takes over
FROM python:3.13-slim AS dependencies
WORKDIR /build

# An environment without pip of its own: what installs into it stays in this stage
RUN python -m venv --without-pip /opt/venv

# Only the requirements are seen here: a change of the sources does not install again
RUN --mount=type=bind,source=requirements.txt,target=requirements.txt \
    --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/venv/bin/python install --requirement requirements.txt

# The image that runs
FROM python:3.13-slim AS runtime

# A fixed number, so that files on volumes keep their owner from one image to the next
RUN <<EOF
set -e
groupadd --gid 10001 app
useradd --no-log-init --uid 10001 --gid 10001 --create-home --home-dir /home/app --shell /usr/sbin/nologin app
EOF

WORKDIR /app

# Logs appear at once, and nothing tries to write bytecode beside sources it cannot change
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

# All Python packages at once, without what built them
COPY --from=dependencies /opt/venv /opt/venv

# The environment's programs come first
ENV PATH=/opt/venv/bin:$PATH

# The program comes last: a change of it repeats nothing above
COPY api/ api/

# app, by number: what runs the image can see that it is not root
USER 10001:10001

CMD ["python", "-m", "api"]
