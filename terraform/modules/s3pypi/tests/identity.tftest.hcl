mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks"
}

variables {
  bucket            = "example.bucket"
  domain            = "pypi.example.com"
  function_zip      = "versions.tf" # any file will do: nothing is uploaded
  basic_auth_zip    = "versions.tf"
  enable_basic_auth = true
}

run "issuers_without_basic_auth" {
  command = plan

  variables {
    enable_basic_auth = false
    token_issuers = {
      aws = { issuer = "https://a.example.com", subjects = { "arn:aws:*" = ["/"] } }
    }
  }

  expect_failures = [var.token_issuers]
}

run "one_issuer_twice" {
  command = plan

  variables {
    token_issuers = {
      one = { issuer = "https://a.example.com", subjects = { "a" = ["/"] } }
      two = { issuer = "https://a.example.com", subjects = { "b" = ["/"] } }
    }
  }

  expect_failures = [var.token_issuers]
}

run "an_issuer_without_tls" {
  command = plan

  variables {
    token_issuers = { one = { issuer = "http://a.example.com", subjects = { "a" = ["/"] } } }
  }

  expect_failures = [var.token_issuers]
}

run "anybody" {
  command = plan

  variables {
    token_issuers = { one = { issuer = "https://a.example.com", subjects = { "*" = ["/"] } } }
  }

  expect_failures = [var.token_issuers]
}

run "no_prefix" {
  command = plan

  variables {
    token_issuers = { one = { issuer = "https://a.example.com", subjects = { "a" = [] } } }
  }

  expect_failures = [var.token_issuers]
}

run "a_wrong_prefix" {
  command = plan

  variables {
    token_issuers = { one = { issuer = "https://a.example.com", subjects = { "a" = ["team/../x"] } } }
  }

  expect_failures = [var.token_issuers]
}

run "all_of_github" {
  command = plan

  variables {
    token_issuers = {
      one = { issuer = "https://token.actions.githubusercontent.com", subjects = { "repo:*" = ["/"] } }
    }
  }

  expect_failures = [var.token_issuers]
}

run "no_issuers" {
  command = apply

  assert {
    condition     = length(aws_ssm_parameter.token_issuer) == 0 && length(aws_iam_policy.token) == 0
    error_message = "Without issuers there is neither a parameter nor a policy."
  }
}

run "issuers" {
  command = apply

  variables {
    token_issuers = {
      aws = {
        issuer = "https://abc.tokens.sts.global.api.aws"
        subjects = {
          "arn:aws:iam::123456789012:role/ci-*" = ["team/"]
          "arn:aws:iam::123456789012:role/dev"  = ["/"]
        }
      }
      github = {
        issuer   = "https://token.actions.githubusercontent.com"
        keys_url = "https://token.actions.githubusercontent.com/.well-known/jwks"
        subjects = { "repo:example/*:ref:refs/heads/main" = ["team/dev", "other/"] }
      }
    }
  }

  assert {
    condition = (
      aws_ssm_parameter.token_issuer["aws"].name == "/s3pypi/pypi.example.com/issuers/aws" &&
      aws_ssm_parameter.token_issuer["aws"].type == "String" &&
      jsondecode(aws_ssm_parameter.token_issuer["aws"].value) == {
        issuer   = "https://abc.tokens.sts.global.api.aws"
        audience = "pypi.example.com"
        subjects = {
          "arn:aws:iam::123456789012:role/ci-*" = ["team/"]
          "arn:aws:iam::123456789012:role/dev"  = ["/"]
        }
      }
    )
    error_message = "The function at the edge finds the issuer beside the users."
  }

  assert {
    condition     = jsondecode(aws_ssm_parameter.token_issuer["github"].value).keys_url == "https://token.actions.githubusercontent.com/.well-known/jwks"
    error_message = "An issuer may say where its keys are."
  }

  assert {
    condition     = endswith(aws_iam_policy.token[0].name, "-token") && output.policy_arns.token == aws_iam_policy.token[0].arn
    error_message = "There is a policy for those who get tokens from AWS."
  }
}
