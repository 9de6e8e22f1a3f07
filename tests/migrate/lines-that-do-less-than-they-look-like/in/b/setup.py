from setuptools import setup

setup(name="b")
