terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # Tested with 5.100.0. For version 6, only the schema is checked (tests/terraform/test_provider_schema.py).
      version = ">= 5.100, < 7.0"
      # Certificates for CloudFront and Lambda@Edge functions must be in us-east-1.
      configuration_aliases = [aws.us_east_1]
    }
  }
}
