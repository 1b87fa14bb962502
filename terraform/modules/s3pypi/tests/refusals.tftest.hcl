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

run "wrong_in_every_way" {
  command = plan

  variables {
    bucket                  = "Example"
    domain                  = "https://pypi.example.com"
    prefixes                = ["team/"]
    noncurrent_version_days = 0
    abort_multipart_days    = 0.5
    kms_key_arn             = "alias/mine"
    function_memory         = 128
    function_timeout        = 901
    batch_size              = 1001
    maximum_concurrency     = 1
    log_retention_days      = 31
    schedule                = "daily"
    page_put_args           = { CacheControl = "no-store" }
    indexer_settings        = { max_wait = -1 }
    certificate_arn         = "arn:aws:acm:eu-west-1:123456789012:certificate/mine"
    price_class             = "PriceClass_300"
    event_age_alarm_seconds = 1
  }

  expect_failures = [
    var.bucket,
    var.domain,
    var.prefixes,
    var.noncurrent_version_days,
    var.abort_multipart_days,
    var.kms_key_arn,
    var.function_memory,
    var.function_timeout,
    var.batch_size,
    var.maximum_concurrency,
    var.log_retention_days,
    var.schedule,
    var.page_put_args,
    var.indexer_settings,
    var.certificate_arn,
    var.price_class,
    var.event_age_alarm_seconds,
  ]
}

run "wrong_together" {
  command = plan

  variables {
    domain            = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com" # one too many
    prefixes          = ["team", "Team"]
    enable_basic_auth = true
    basic_auth_zip    = "versions.tf"
    batch_size        = 11
    page_put_args     = { ACL = "public-read" }
    indexer_settings  = { parallel_files = 101 }
  }

  expect_failures = [var.enable_basic_auth, var.prefixes, var.batch_size, var.page_put_args, var.indexer_settings]
}

run "wrong_apart" {
  command = plan

  variables {
    batch_window  = 301
    page_put_args = { SSEKMSKeyId = "1234" }
    prefixes      = ["dev"]
    promotions    = [{ from = "dev", to = "prod" }]
  }

  expect_failures = [var.batch_window, var.page_put_args, var.promotions]
}

run "a_promotion_twice" {
  command = plan

  variables {
    prefixes   = ["dev", "prod"]
    promotions = [{ from = "dev", to = "prod" }, { from = "dev", to = "prod", move = true }]
  }

  expect_failures = [var.promotions]
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

  expect_failures = [aws_lambda_function.edge]
}

run "basic_auth_with_index_html" {
  command = plan

  variables {
    enable_basic_auth = true
    basic_auth_zip    = "versions.tf"
    index_html        = true
  }

  expect_failures = [aws_lambda_function.edge]
}

run "upstream_without_private_names" {
  command = plan

  variables {
    basic_auth_zip = "versions.tf"
    upstream       = "https://packages.example/simple/"
  }

  expect_failures = [var.private_names]
}

run "private_names_without_upstream" {
  command = plan

  variables {
    basic_auth_zip = "versions.tf"
    private_names  = ["acme-*"]
  }

  expect_failures = [var.private_names]
}

run "upstream_with_credentials" {
  command = plan

  variables {
    basic_auth_zip = "versions.tf"
    upstream       = "https://user:secret@packages.example/simple/"
    private_names  = ["acme-*"]
  }

  expect_failures = [var.upstream]
}

run "upstream_without_encryption" {
  command = plan

  variables {
    basic_auth_zip = "versions.tf"
    upstream       = "http://packages.example/simple/"
    private_names  = ["acme-*"]
  }

  expect_failures = [var.upstream]
}

run "private_names_not_normalized" {
  command = plan

  variables {
    basic_auth_zip = "versions.tf"
    upstream       = "https://packages.example/simple/"
    private_names  = ["Acme_*"]
  }

  expect_failures = [var.private_names]
}

run "too_many_private_names" {
  command = plan

  variables {
    basic_auth_zip = "versions.tf"
    upstream       = "https://packages.example/simple/"
    private_names  = [join("-", [for _ in range(1023) : "aaa"]), "bbbb"] # one character too many
  }

  expect_failures = [var.private_names]
}

run "cors_with_basic_auth" {
  command = plan

  variables {
    enable_basic_auth = true
    basic_auth_zip    = "versions.tf"
    cors_origins      = ["*"]
  }

  expect_failures = [var.cors_origins]
}

run "cors_of_a_path" {
  command = plan

  variables {
    cors_origins = ["https://notebooks.example.com/"]
  }

  expect_failures = [var.cors_origins]
}

run "check_names_without_upstream" {
  command = plan

  variables {
    check_names = true
  }

  expect_failures = [var.check_names]
}

run "check_names_without_schedule" {
  command = plan

  variables {
    basic_auth_zip = "versions.tf"
    upstream       = "https://packages.example/simple/"
    private_names  = ["acme-*"]
    check_names    = true
    schedule       = null
  }

  expect_failures = [var.check_names]
}

run "acknowledged_names_that_are_no_names" {
  command = plan

  variables {
    acknowledged_names = ["Acme_App", "acme-*"]
  }

  expect_failures = [var.acknowledged_names]
}

run "too_many_acknowledged_names" {
  command = plan

  variables {
    acknowledged_names = [for number in range(700) : format("name-%04d", number)]
  }

  expect_failures = [var.acknowledged_names]
}
