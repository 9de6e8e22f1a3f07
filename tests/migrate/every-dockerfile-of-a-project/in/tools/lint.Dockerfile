FROM alpine:3.19
COPY rules /rules
