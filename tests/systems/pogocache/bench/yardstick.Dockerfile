# syntax=docker/dockerfile:1

# The measure for what dockwright generates: the best that we write by hand.

# The libraries: a change in src/ leads nowhere near
FROM alpine:3.19 AS deps-builder
RUN --mount=type=cache,target=/etc/apk/cache,sharing=locked \
    apk add --update-cache build-base ccache linux-headers openssl-dev
ENV CC="ccache gcc" \
    CCACHE_DIR=/root/.cache/ccache
WORKDIR /build
COPY deps deps/
RUN --mount=type=cache,target=/root/.cache/ccache \
    cd deps && ./build-uring.sh

# The program: ccache makes a changed file the only one that is compiled
FROM deps-builder AS source-builder
COPY src src/
RUN --mount=type=cache,target=/root/.cache/ccache \
    make -C src -j"$(nproc)" \
    && strip -o /usr/local/bin/pogocache pogocache

FROM source-builder AS test
RUN --mount=type=cache,target=/root/.cache/ccache \
    make -C src test

FROM source-builder AS development
RUN --mount=type=cache,target=/etc/apk/cache,sharing=locked \
    apk add --update-cache gdb valgrind
CMD ["sh"]

FROM alpine:3.19 AS runtime
RUN --mount=type=cache,target=/etc/apk/cache,sharing=locked \
    apk add --update-cache ca-certificates libcrypto3
RUN addgroup -g 1000 pogocache \
    && adduser -D -H -u 1000 -G pogocache -s /sbin/nologin pogocache
COPY --from=source-builder /usr/local/bin/pogocache /usr/local/bin/
USER 1000:1000
EXPOSE 9401
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --start-interval=1s --retries=3 \
    CMD ["pogocache", "--ping"]
ENTRYPOINT ["pogocache"]
CMD ["--host", "0.0.0.0"]
