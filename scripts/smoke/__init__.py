"""Checks of a new deployment on AWS, for `smoke_aws.py`."""
