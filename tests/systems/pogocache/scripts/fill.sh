#!/bin/sh
# Fills a running server with 1000 keys. MUST-NOT-SHIP
set -eu
host=${1:-127.0.0.1} port=${2:-9401}
{
  i=0
  while [ $i -lt 1000 ]; do
    printf 'SET key%d value%d 600\r\n' $i $i
    i=$((i + 1))
  done
  printf 'QUIT\r\n'
} | nc "$host" "$port" | sort | uniq -c
