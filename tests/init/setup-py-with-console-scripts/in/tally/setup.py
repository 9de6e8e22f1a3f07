from setuptools import find_packages, setup

REQUIRES = ["click>=8"]

setup(
    name="tally",
    version="1",
    packages=find_packages(),
    install_requires=REQUIRES,
    python_requires=">=3.8",
    entry_points={"console_scripts": ["tally=tally.main:run"]},
)
