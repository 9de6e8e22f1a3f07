# syntax=docker/dockerfile:1

# Written by dockwright: change a-worker.toml and run `dockwright generate`.
# dockwright: ...

FROM alpine:3.19 AS runtime
