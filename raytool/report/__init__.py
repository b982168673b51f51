"""`python -m raytool.report RUN` : a run as one HTML file, without a network: its results, curves, and a verdict on every call shown."""
