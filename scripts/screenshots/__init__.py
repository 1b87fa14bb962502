"""Pictures of the pages in a browser, for the documentation: `python -m scripts.screenshots`."""
