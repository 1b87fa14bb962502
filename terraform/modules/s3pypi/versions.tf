terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # Run with 5.100.0. Of 6, only the schema is checked: tests/terraform/test_provider_schema.py.
      version = ">= 5.100, < 7.0"
      # CloudFront takes certificates, and Lambda@Edge functions, from us-east-1 alone.
      configuration_aliases = [aws.us_east_1]
    }
  }
}
