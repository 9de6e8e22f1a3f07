#!/bin/sh
# Stands for a deployment: MUST-NOT-SHIP
set -eu
echo "aws cloudformation deploy --template-file $(dirname "$0")/stack.json"
