#!/bin/sh
# Sets the checkout up: Node 24, pnpm, dependencies, build. Does nothing, quickly, when nothing changed.
# Sourced by ./mexc and scripts/with-toolchain.sh; expects $root; puts Node 24 and the tools first on PATH.
NODE_VERSION=24.21.0
PNPM_VERSION=12.21.0

tools=$root/.toolchain
modules=$tools/node_modules
say() { [ -n "$MEXC_SETUP_QUIET" ] || printf '%s\n' "mexc: $*" >&2; }
fail() {
  printf '%s\n' "mexc: set-up failed: $1" "  hint: $2" >&2
  [ -f "$tools/setup.log" ] && tail -n 20 "$tools/setup.log" >&2
  exit 1
}

# Files that are newer than the stamp $1 among the rest of the arguments.
changed_since() {
  stamp=$1
  shift
  [ ! -f "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" -print 2>/dev/null | head -n 1)" ]
}

if [ -x "$modules/node/bin/node" ]; then
  PATH=$modules/node/bin:$modules/.bin:$root/node_modules/.bin:$PATH
else
  PATH=$modules/.bin:$root/node_modules/.bin:$PATH
fi
export PATH

set_up_toolchain() {
  command -v npm >/dev/null || fail 'npm is not installed' 'install Node.js 20 or newer with npm 11 or newer'
  mkdir -p "$tools"
  want=pnpm@$PNPM_VERSION
  case $(node -p 'Number(process.versions.node.split(".")[0]) >= 24' 2>/dev/null) in
    true) ;;
    *) want="$want node@$NODE_VERSION" ;;
  esac
  say "installing $want into .toolchain"
  [ -f "$tools/package.json" ] || echo '{"private":true,"allowScripts":{"node":true,"pnpm":true}}' >"$tools/package.json"
  # shellcheck disable=SC2086 -- two words on purpose
  npm install --prefix "$tools" --no-save --no-package-lock --no-fund --no-audit --loglevel=error \
    $want >"$tools/setup.log" 2>&1 || fail 'npm install' 'is the npm registry reachable?'
  if [ -d "$modules/node" ] && [ ! -x "$modules/node/bin/node" ]; then
    fail 'the node package has no binary' 'does npm run install scripts here? see npm config get ignore-scripts'
  fi
  if [ -x "$modules/node/bin/node" ]; then PATH=$modules/node/bin:$PATH; fi
  echo "$PNPM_VERSION $NODE_VERSION" >"$tools/versions"
}

set_up_dependencies() {
  say 'installing dependencies'
  (cd "$root" && CI=true pnpm install --frozen-lockfile) >"$tools/setup.log" 2>&1 || fail 'pnpm install' 'see above; the log is .toolchain/setup.log'
  touch "$tools/installed"
}

set_up_build() {
  say 'building'
  : >"$tools/building"
  (cd "$root" && turbo run build --output-logs=errors-only --no-color) >"$tools/setup.log" 2>&1 || fail 'build' 'see above; the log is .toolchain/setup.log'
  mv "$tools/building" "$tools/built"
}

needs_toolchain() { [ "$(cat "$tools/versions" 2>/dev/null)" != "$PNPM_VERSION $NODE_VERSION" ]; }
needs_dependencies() {
  [ ! -d "$root/node_modules/.pnpm" ] || changed_since "$tools/installed" "$root/pnpm-lock.yaml" "$root/pnpm-workspace.yaml"
}
needs_build() {
  [ ! -f "$root/apps/mexc/oclif.manifest.json" ] ||
    changed_since "$tools/built" "$root"/packages/*/src "$root"/apps/*/src "$root"/packages/*/package.json "$root"/apps/*/package.json
}

# Several commands may be started at once in a new checkout: one sets up, the others wait.
lock() {
  mkdir -p "$tools"
  until mkdir "$tools/lock" 2>/dev/null; do
    holder=$(cat "$tools/lock/pid" 2>/dev/null || echo '')
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then rm -rf "$tools/lock"; fi
    if [ -z "$holder" ] && [ -n "$(find "$tools/lock" -prune -mmin +1 2>/dev/null)" ]; then rm -rf "$tools/lock"; fi
    sleep 0.2
  done
  echo $$ >"$tools/lock/pid"
  trap 'rm -rf "$tools/lock"' EXIT
}

if needs_toolchain || needs_dependencies || needs_build; then
  lock
  if needs_toolchain; then set_up_toolchain; fi
  if needs_dependencies; then set_up_dependencies; fi
  if needs_build; then set_up_build; fi
  rm -rf "$tools/lock"
  trap - EXIT
fi
