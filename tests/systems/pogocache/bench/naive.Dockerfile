# How it is often written: one stage, everything copied first, the compiler shipped, and a health
# check that cannot fail.
FROM ubuntu:24.04

WORKDIR /build
COPY . .

RUN apt-get update && apt-get install -y \
    build-essential \
    linux-libc-dev \
    libssl-dev \
    ca-certificates

RUN cd deps && ./build-uring.sh
RUN cd src && make ../pogocache && cp ../pogocache /usr/local/bin/

EXPOSE 9401
HEALTHCHECK --interval=30s --timeout=3s CMD pogocache --help > /dev/null || exit 1
CMD pogocache --host 0.0.0.0
