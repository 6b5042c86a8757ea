#!/usr/bin/env bash
# Installs what is missing of the named groups of tools/host-packages.txt: shows it, asks, and starts no daemon.
# Usage: host-packages.sh [--yes] [--list] GROUP...      (--list only prints what is missing)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
yes=; list=; groups=()
for word; do case $word in --yes | -y) yes=1 ;; --list) list=1 ;; *) groups+=("$word") ;; esac; done

missing=()
for group in "${groups[@]}"; do
  while read -r package; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done < <(awk -v g="$group" '$1 == g {print $2}' "$here/host-packages.txt")
done
[ ${#missing[@]} -gt 0 ] || exit 0
if [ -n "$list" ]; then printf '%s\n' "${missing[@]}"; exit 0; fi

command -v apt-get >/dev/null || { echo "nephos: this host has no apt-get. Needed: ${missing[*]}" >&2; exit 1; }
echo "These packages are needed and not installed:"
printf '%s ' "${missing[@]}" | fold -s -w 100 | sed 's/^/  /'; echo
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
if [ -z "$yes" ]; then
  [ -t 0 ] || { echo "nephos: not a terminal, so nobody can be asked: give --yes, or run: ${as_root[*]} apt-get install --no-install-recommends ${missing[*]}" >&2; exit 1; }
  read -r -p "Install them with apt-get? [Y/n] " answer
  case $answer in '' | y | Y | yes) ;; *) echo "nephos: nothing was installed." >&2; exit 1 ;; esac
fi

# A package that brings a daemon (PostgreSQL) must not start it: only what Nephos starts itself shall run.
guard=/usr/sbin/policy-rc.d
if [ ! -e $guard ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" sh -c "cat > $guard && chmod 755 $guard"
  trap '"${as_root[@]}" rm -f $guard' EXIT
fi
log=$(mktemp); export DEBIAN_FRONTEND=noninteractive
install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >"$log" 2>&1; }
if ! install; then
  "${as_root[@]}" apt-get update -q >>"$log" 2>&1 || true
  install || { tail -n 20 "$log" >&2; echo "nephos: apt-get could not install them; its whole output is in $log" >&2; exit 1; }
fi
rm -f "$log"
