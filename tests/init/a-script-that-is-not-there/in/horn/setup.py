from setuptools import setup

setup(name="horn", packages=["horn"], entry_points={"console_scripts": ["horn = horn:blow"]})
