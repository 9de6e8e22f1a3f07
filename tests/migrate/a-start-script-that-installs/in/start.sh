#!/bin/sh
pip install -r plugins.txt
exec flask run
