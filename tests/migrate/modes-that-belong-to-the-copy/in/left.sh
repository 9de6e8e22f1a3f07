#!/bin/sh
echo left.sh
