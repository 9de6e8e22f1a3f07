#!/bin/sh
echo tools/tool.sh
