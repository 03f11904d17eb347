#!/usr/bin/env bash
# npm run test:e2e [-- --quick] [-- FILE...]: builds the command, then runs the suite on the cluster that KUBECONFIG
# leads to. --quick is the smaller part for every change: the system comes up, shares its model, is isolated and
# survives the first 20 streams' deaths.
set -euo pipefail
cd "$(dirname "$0")/../.."

files=()
for argument in "$@"; do
  if [ "$argument" = --quick ]; then
    export E2E_QUICK=1
    files+=(e2e/apply e2e/network e2e/kills)
  else
    files+=("$argument")
  fi
done
npm run --silent build
exec jest -c jest.e2e.config.js "${files[@]}"
