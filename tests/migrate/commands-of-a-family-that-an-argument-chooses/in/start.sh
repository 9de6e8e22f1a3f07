#!/bin/sh
echo start
