"""The lease protocol: one run at a time for each project and each root page."""
