mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks"
}

variables {
  bucket       = "example.bucket"
  domain       = "pypi.example.com"
  function_zip = "versions.tf" # any file will do: nothing is uploaded
}

run "bucket_in_capitals" {
  command = plan

  variables {
    bucket = "Example"
  }

  expect_failures = [var.bucket]
}

run "domain_with_scheme" {
  command = plan

  variables {
    domain = "https://pypi.example.com"
  }

  expect_failures = [var.domain]
}

run "domain_too_long_for_basic_auth" {
  command = plan

  variables {
    domain            = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com"
    enable_basic_auth = true
    basic_auth_zip    = "versions.tf"
  }

  expect_failures = [var.enable_basic_auth]
}

run "prefix_with_slash" {
  command = plan

  variables {
    prefixes = ["team/"]
  }

  expect_failures = [var.prefixes]
}

run "versions_for_no_day" {
  command = plan

  variables {
    noncurrent_version_days = 0
  }

  expect_failures = [var.noncurrent_version_days]
}

run "parts_for_half_a_day" {
  command = plan

  variables {
    abort_multipart_days = 0.5
  }

  expect_failures = [var.abort_multipart_days]
}

run "key_by_alias" {
  command = plan

  variables {
    kms_key_arn = "alias/mine"
  }

  expect_failures = [var.kms_key_arn]
}

run "little_memory" {
  command = plan

  variables {
    function_memory = 128
  }

  expect_failures = [var.function_memory]
}

run "long_timeout" {
  command = plan

  variables {
    function_timeout = 901
  }

  expect_failures = [var.function_timeout]
}

run "large_batch_without_window" {
  command = plan

  variables {
    batch_size = 11
  }

  expect_failures = [var.batch_size]
}

run "long_window" {
  command = plan

  variables {
    batch_window = 301
  }

  expect_failures = [var.batch_window]
}

run "concurrency_of_one" {
  command = plan

  variables {
    maximum_concurrency = 1
  }

  expect_failures = [var.maximum_concurrency]
}

run "odd_retention" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}

run "schedule_in_words" {
  command = plan

  variables {
    schedule = "daily"
  }

  expect_failures = [var.schedule]
}

run "put_arg_that_breaks_pages" {
  command = plan

  variables {
    page_put_args = { CacheControl = "no-store" }
  }

  expect_failures = [var.page_put_args]
}

run "public_pages" {
  command = plan

  variables {
    page_put_args = { ACL = "public-read" }
  }

  expect_failures = [var.page_put_args]
}

run "page_key_by_id" {
  command = plan

  variables {
    page_put_args = { SSEKMSKeyId = "1234" }
  }

  expect_failures = [var.page_put_args]
}

run "negative_wait" {
  command = plan

  variables {
    indexer_settings = { max_wait = -1 }
  }

  expect_failures = [var.indexer_settings]
}

run "certificate_elsewhere" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/mine"
  }

  expect_failures = [var.certificate_arn]
}

run "unknown_price_class" {
  command = plan

  variables {
    price_class = "PriceClass_300"
  }

  expect_failures = [var.price_class]
}

run "impatient_alarm" {
  command = plan

  variables {
    event_age_alarm_seconds = 1
  }

  expect_failures = [var.event_age_alarm_seconds]
}

run "function_not_built" {
  command = plan

  variables {
    function_zip = "no-such.zip"
  }

  expect_failures = [aws_lambda_function.indexer]
}

run "basic_auth_not_built" {
  command = plan

  variables {
    enable_basic_auth = true
    basic_auth_zip    = "no-such.zip"
  }

  expect_failures = [aws_lambda_function.basic_auth]
}

run "basic_auth_with_index_html" {
  command = plan

  variables {
    enable_basic_auth = true
    basic_auth_zip    = "versions.tf"
    index_html        = true
  }

  expect_failures = [aws_lambda_function.basic_auth]
}

