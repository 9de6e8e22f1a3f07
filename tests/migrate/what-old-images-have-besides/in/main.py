import setuptools

print(setuptools.__version__)
