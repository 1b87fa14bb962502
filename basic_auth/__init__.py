"""The Lambda@Edge functions: basic authentication, content negotiation and the upstream."""
