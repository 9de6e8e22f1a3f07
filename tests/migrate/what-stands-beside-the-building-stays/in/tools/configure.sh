#!/bin/sh
echo "NAME = words" >config.mk
