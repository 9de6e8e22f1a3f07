#!/bin/sh
echo serve.sh
