"""The indexer: a Lambda function that generates the index pages of a bucket."""
