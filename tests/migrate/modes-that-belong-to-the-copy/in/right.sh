#!/bin/sh
echo right.sh
