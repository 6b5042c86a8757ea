#!/usr/bin/env bash
# Runs the tests: installs what they need, builds once, runs every suite, and ends with one line: N passed, N failed, N skipped.
# Usage: ./nephos test [KIND...]   KIND: unit (all test projects), conformance (real clients against a real cloud), or a project's name
set -uo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd); cd "$top" || exit 1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1 NEPHOS_TOP=$top
logs=$top/artifacts/test; mkdir -p "$logs"
passed=0 failed=0 skipped=0 failures=()

projects=() scripts=()
all_projects() { for file in test/*/*.csproj; do [ -e "$file" ] && grep -q '"xunit.v3"' "$file" && projects+=("$(basename "$file" .csproj)"); done; }
all_scripts() { for file in test/Conformance/*.sh; do [ -x "$file" ] && scripts+=("$file"); done; }
kinds=()
for word; do case $word in --yes | -y) ;; *) kinds+=("$word") ;; esac; done
[ ${#kinds[@]} -gt 0 ] || kinds=(unit conformance)
for kind in "${kinds[@]}"; do
  case $kind in
    unit) all_projects ;;
    conformance) all_scripts ;;
    *) if [ -e "test/$kind/$kind.csproj" ]; then projects+=("$kind"); elif [ -x "test/Conformance/$kind.sh" ]; then scripts+=("test/Conformance/$kind.sh")
       else echo "nephos test: no kind, project or script is called $kind" >&2; exit 2; fi ;;
  esac
done

# The failed ones once more, where the eye ends.
finish() { [ ${#failures[@]} = 0 ] || printf 'failed: %s\n' "${failures[@]}"; echo "$passed passed, $failed failed, $skipped skipped"; [ $failed = 0 ]; exit $?; }

# Adds a suite's numbers and says them; a suite without numbers died, which is a failure.
count() { # name seconds passed failed skipped log
  local name=$1 seconds=$2 log=$6
  if [ -z "$3" ]; then echo "$name: ended without a result ($seconds s); the end of $log:"; tail -n 30 "$log"; failed=$((failed + 1)); failures+=("$name"); return; fi
  echo "$name: $3 passed, $4 failed, $5 skipped ($seconds s)"
  passed=$((passed + $3)); failed=$((failed + $4)); skipped=$((skipped + $5))
  # xunit prints the reason on the line after the test's name; scripts print "SKIP name: reason" themselves.
  if [ "$5" != 0 ]; then grep -A1 -E '\[SKIP\]' "$log" | grep -v -- '^--$' | paste - - | sed -E 's/[[:space:]]+/ /g; s/^/  skipped:/' | sort | uniq | head -n 40; grep -E '^SKIP ' "$log" | sed 's/^SKIP/  skipped:/' | head -n 40; fi
  if [ "$4" != 0 ]; then
    mapfile -t -O ${#failures[@]} failures < <(grep -E '\[FAIL\]|^FAIL ' "$log" | sed -E "s|^ *|$name: |" | cut -c 1-300 | head -n 20)
    grep -A12 -E '\[FAIL\]|^FAIL ' "$log" | head -n 150
  fi
}

tools/host-packages.sh --yes run guest client test || { failed=1; finish; }
# A host where debconf's PostgreSQL cluster was made by the package keeps it stopped: the tests make their own in a folder of their own.
started=$SECONDS
# CI=true: packages as locked, and white space as .editorconfig has it.
if ! CI=true flock artifacts/.build.lock dotnet build Nephos.slnx -c Release -v q -nodereuse:false -p:UseSharedCompilation=false > "$logs/build.log" 2>&1; then
  grep -E 'error' "$logs/build.log" | sort -u | head -n 40; echo "build: failed; all of it is in $logs/build.log"; failed=1; finish
fi
echo "build: $((SECONDS - started)) s"
case " ${projects[*]} ${scripts[*]} " in *Drivers.Tests* | *Conformance/*)
  tools/guest-image.sh > "$logs/guest-image.log" 2>&1 || { cat "$logs/guest-image.log"; echo "guest image: could not be built"; failed=$((failed + 1)); }
  export NEPHOS_TEST_GUEST=$top/artifacts/guest ;;
esac

for name in "${projects[@]}"; do
  started=$SECONDS; log=$logs/$name.log
  timeout -k 30 1500 dotnet "artifacts/bin/$name/release/Nephos.$name.dll" -noColor > "$log" 2>&1 < /dev/null
  read -r total errors fails skips < <(sed -nE 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/p' "$log" | tail -n 1)
  if [ -n "${total:-}" ]; then count "$name" $((SECONDS - started)) $((total - fails - skips)) $((fails + errors)) "$skips" "$log"
  else count "$name" $((SECONDS - started)) '' '' '' "$log"; fi
  unset total errors fails skips
done
for file in "${scripts[@]}"; do
  started=$SECONDS; name=Conformance/$(basename "$file" .sh); log=$logs/${name//\//.}.log
  timeout -k 30 1500 "$file" > "$log" 2>&1 < /dev/null
  read -r p f s < <(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$log" | tail -n 1)
  count "$name" $((SECONDS - started)) "${p:-}" "${f:-}" "${s:-}" "$log"
  unset p f s
done
finish
