"""The indexer: a Lambda function that generates the index pages of a bucket.

The folders, from the outside inwards; each one only imports those after it:

- `handler`, `service`: the entry point, and the clients of a container;
- `aws/`: the adapters of S3, DynamoDB, SQS and CloudFront;
- `events/`: what invokes the function, and its answers;
- `survey/`: whole indexes, compared with the bucket;
- `index/`: the pages of one project and of one root page, derived from a listing;
- `files/`: one distribution, read in bounded memory;
- `locks/`: the leases;
- `pages/`: pages as HTML and JSON, and back;
- `ports`, `model/`, `settings`, `errors`: the protocols of the adapters, and values.
"""
