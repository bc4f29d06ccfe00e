#!/bin/bash
# The preStop hook of executors when decommissioning is enabled: asks the executor to move its blocks elsewhere, and
# waits for its end, so that the kubelet sends SIGTERM only afterwards.
set -euo pipefail

executor=$(ps -C java -o pid=,args= | awk '/KubernetesExecutorBackend/ { print $1; exit }')
if [[ -z $executor ]]; then
  echo 'No executor runs here.'
  exit 0
fi

echo "Decommissioning the executor (PID $executor)."
kill -s SIGPWR "$executor"
timeout 60 tail --pid="$executor" -f /dev/null
echo 'The executor has ended.'
