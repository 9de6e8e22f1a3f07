#!/bin/sh
apt-get install -y rsync
exec rsync --daemon
