terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # Tested with 5.100.0. Nothing here is deprecated or gone in 6.
      version = ">= 5.86, < 7.0"
      # CloudFront takes certificates, and Lambda@Edge functions, from us-east-1 alone.
      configuration_aliases = [aws.us_east_1]
    }
  }
}
