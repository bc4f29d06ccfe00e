#!/bin/sh
# Starts the application and follows it to its end; the exit code is its outcome.
set -eu
manifest="${1:-$(dirname "$0")/../spark-pi.yaml}"
temporal-spark validate "$manifest"
temporal-spark run "$manifest" --follow
