#!/bin/sh
echo another
