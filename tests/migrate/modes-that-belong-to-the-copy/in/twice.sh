#!/bin/sh
echo twice.sh
