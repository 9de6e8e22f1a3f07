#!/bin/sh
exec python tides.py
