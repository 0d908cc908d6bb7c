#!/usr/bin/env bash
# Publishes the program for a machine without .NET into .device/ and prints what to run there; --here runs it at once.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [[ -n "${1:-}" && "$1" != --here ]]; then
  echo "usage: $0 [--here [OPTIONS OF 'all']]" >&2
  exit 64
fi

dotnet publish Bench/Device/MinRnn.Bench.Device.csproj -c Release -r linux-x64 --self-contained \
  -p:PublishSingleFile=true -p:EnableCompressionInSingleFile=true -p:PublishTrimmed=false \
  --artifacts-path "${ARTIFACTS:-.device/artifacts}" -o .device/publish --nologo -v quiet
mv -f .device/publish/MinRnn.Bench.Device .device/MinRnn.Bench.Device
rm -rf .device/publish

size=$(stat -c %s .device/MinRnn.Bench.Device)
echo "MinRnn.Bench.Device: $((size / 1048576)) MiB"
if ((size >= 64 * 1048576)); then
  echo "That is over the 64 MiB that a transfer may take." >&2
  exit 1
fi

# From the repository's root, so that the report lands in Bench/results. A run that is cut short goes on where it was.
if [[ "${1:-}" == --here ]]; then
  ./.device/MinRnn.Bench.Device all "${@:2}"
else
  echo './.device/MinRnn.Bench.Device all'
fi
