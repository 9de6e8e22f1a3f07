#!/bin/sh
echo hidden.sh
