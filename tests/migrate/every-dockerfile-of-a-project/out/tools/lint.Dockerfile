# syntax=docker/dockerfile:1

# Written by dockwright: change dockwright.toml and run `dockwright generate`.
# dockwright: ...

FROM alpine:3.19 AS runtime
COPY rules /rules
