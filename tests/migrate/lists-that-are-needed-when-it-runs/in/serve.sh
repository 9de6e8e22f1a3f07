#!/bin/sh
exec hello
