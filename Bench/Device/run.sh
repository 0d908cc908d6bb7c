#!/usr/bin/env bash
# Publishes the program for a machine without .NET into .device/ and prints what to run there; --here runs it at once.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [[ -n "${1:-}" && "$1" != --here ]]; then
  echo "usage: $0 [--here [DIRECTORY]]" >&2
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

if [[ "${1:-}" == --here ]]; then
  directory=${2:-.device/results}
  mkdir -p "$directory"
  ./.device/MinRnn.Bench.Device all --output "$directory"
  python3 Bench/Device/peers.py --output "$directory/peers.md"
else
  echo './.device/MinRnn.Bench.Device all --output DIR && python3 Bench/Device/peers.py --output DIR/peers.md'
fi
