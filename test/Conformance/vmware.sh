#!/usr/bin/env bash
# Machines of VMware's, both ways: exported, imported again and booted, by BIOS and UEFI; what an export leaves when it is killed.
. "$(dirname "$0")/lib"
begin
up() { "$top/nephos" up --detach "${up_options[@]}"; }
check "the cloud comes up" up || finish
as admin /usr/bin/python3 "$top/test/Conformance/vmware.py" "$top/artifacts/guest/disk.qcow2" "$work" > "$work/packages.out" 2>&1
tally "$work/packages.out"

# An export dies with the controller: nothing of it is left, neither files nor the tool that was at work.
exports=$state/controller/staging/exports
tool() { pgrep -f "qemu-img convert .* $exports/" > /dev/null; }
nothing() { ! tool && [ -z "$(ls -A "$exports")" ]; }
under_way() { head -c 200M /dev/urandom > "$work/big"; demo image create --disk-format raw --container-format bare --file "$work/big" "$1" > /dev/null; as demo "$top/nephos" image export "$1" --format vmdk-stream --output "$work/$1.vmdk" > /dev/null 2>&1 & eventually 60 tool; }
controller() { pgrep -P "$(cat "$state/pid")" -f 'nephos.dll controller'; }
check "an export is under way" under_way one
kill -9 "$(controller)"
check "it leaves nothing when the controller is killed" eventually 20 nothing
check "the controller is back" eventually 60 has one demo image list
check "another export is under way" under_way two
kill -9 "$(cat "$state/pid")" "$(controller)"
check "up again after everything was killed" up
check "nothing is left of it" eventually 20 nothing
finish
