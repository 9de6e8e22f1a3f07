#!/bin/sh
set -e
./start.sh
