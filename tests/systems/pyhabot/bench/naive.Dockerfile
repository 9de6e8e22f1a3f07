# How it is often written: everything copied first, Poetry and compilers shipped, a health check that cannot fail.
FROM python:3.12-slim

WORKDIR /app
COPY . .

RUN apt-get update && apt-get install -y \
    build-essential \
    git

RUN pip install --no-cache-dir poetry==2.5.1
RUN poetry config virtualenvs.create false \
    && poetry install --only main --no-root

ENV PYTHONPATH=/app/src \
    PERSISTENT_DATA_PATH=/data
VOLUME /data
HEALTHCHECK --interval=60s --timeout=10s CMD python -c "import sys; sys.exit(0)"
ENTRYPOINT ["./entrypoint.sh"]
CMD ["python", "-m", "pyhabot"]
