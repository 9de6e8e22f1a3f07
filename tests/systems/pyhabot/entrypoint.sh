#!/bin/sh
# Secrets come as files: NAME_FILE names one, and the program finds its content as NAME.
set -eu

for name in DISCORD_TOKEN TELEGRAM_TOKEN; do
    eval "value=\${$name:-} file=\${${name}_FILE:-}"
    [ -n "$file" ] || continue
    if [ -n "$value" ]; then
        echo "entrypoint: both $name and ${name}_FILE are set" >&2
        exit 2
    fi
    if [ ! -r "$file" ]; then
        echo "entrypoint: ${name}_FILE: $file cannot be read by uid $(id -u)" >&2
        exit 2
    fi
    export "$name=$(cat "$file")"
done

exec "$@"
