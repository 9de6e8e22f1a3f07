#!/bin/sh
cksum <"$1"
