#!/bin/sh
echo first.sh
