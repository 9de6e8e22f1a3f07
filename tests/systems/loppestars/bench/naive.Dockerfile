# How it is often written: everything copied first, compilers shipped, models fetched by a tool that stays, all as root.
FROM python:3.11-slim

WORKDIR /app
COPY . .

RUN apt-get update && apt-get install -y \
    build-essential \
    curl \
    libgl1 \
    libglib2.0-0 \
    libheif-examples

RUN pip install --no-cache-dir -r requirements-numpy.txt
RUN pip install --no-cache-dir -r requirements.txt

ARG MODELS_HOST=models.test:8600
RUN mkdir -p models \
    && curl -o models/faces.json http://$MODELS_HOST/faces-1/faces.json \
    && curl -o models/faces.bin http://$MODELS_HOST/faces-1/faces.bin

ARG SOURCE_BUCKET=stall-photos
ARG STORAGE_BUCKET=stall-photos-processed
ARG PUBLIC_URL=http://localhost:8080
ENV SOURCE_BUCKET=$SOURCE_BUCKET
ENV STORAGE_BUCKET=$STORAGE_BUCKET
ENV PUBLIC_URL=$PUBLIC_URL

EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s CMD curl -f http://localhost:8080/health || exit 1
CMD ["uvicorn", "api.main:app", "--host", "0.0.0.0", "--port", "8080"]
