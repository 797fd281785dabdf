#!/bin/sh
# Runs a command with the checkout's own Node 24 and tools, setting them up first when needed.
set -e
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/setup.sh"
exec "$@"
