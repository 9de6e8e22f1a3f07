#!/bin/sh
# Builds the library in uring/ and installs it beside: include/uring.h, lib/liburing-lite.a.
set -eu
cd "$(dirname "$0")"

CC=${CC:-cc}
CFLAGS=${CFLAGS:--O2 -g}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

mkdir -p include lib
for name in ring lock hash; do
  # CC may hold more than one word, as in "ccache gcc"
  $CC -std=c11 -D_GNU_SOURCE -Wall -Wextra -fPIC $CFLAGS -c "uring/$name.c" -o "$build/$name.o"
done
rm -f lib/liburing-lite.a
ar rcs lib/liburing-lite.a "$build/ring.o" "$build/lock.o" "$build/hash.o"
cp uring/uring.h include/uring.h
echo "built deps/lib/liburing-lite.a"
