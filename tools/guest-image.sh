#!/usr/bin/env bash
# Builds the small test guest out of Debian packages: a kernel, busybox, dropbear and what OpenStack's test tools call in a guest.
# Needs no root, no loop device and no network besides apt. Usage: guest-image.sh [FOLDER]; prints nothing but errors and the folder.
# Leaves in FOLDER: disk.qcow2 (whole disk, boots by BIOS and UEFI), and vmlinuz, initrd.img, rootfs.img (the same guest as a triple).
# Login: cirros or root, password gocubsgo; sudo without password.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "${1:-$here/../artifacts/guest}"; out=$(cd "${1:-$here/../artifacts/guest}" && pwd)
export PATH=$PATH:/usr/sbin:/sbin
root_mb=28

# The result is as good as its inputs: this script and the files of the guest.
stamp=$(cat "$here/guest-image.sh" $(find "$here/guest" -type f | LC_ALL=C sort) | sha256sum | cut -c1-32)
exec 9> "$out/.lock"; flock 9
if [ "$(cat "$out/.stamp" 2>/dev/null)" = "$stamp" ] && [ -s "$out/disk.qcow2" ]; then echo "$out"; exit 0; fi
rm -f "$out/.stamp"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

# Unpacks a Debian package, kept between runs.
fetch() { # package folder
  mkdir -p "$out/packages"
  ls "$out/packages/$1"_*.deb >/dev/null 2>&1 || (cd "$out/packages" && apt-get -qq -o APT::Sandbox::User=root download "$1" >&2)
  mkdir -p "$2"; dpkg-deb -x "$(ls "$out/packages/$1"_*.deb | tail -n 1)" "$2"
}
kernel_package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends:/ {print $2; exit}')
[ -n "$kernel_package" ] || { echo "guest-image: apt does not know linux-image-cloud-amd64; run apt-get update" >&2; exit 1; }
fetch "$kernel_package" "$work/kernel"
fetch busybox-static "$work/busybox"
fetch syslinux-efi "$work/efi"
kernel=$(ls "$work/kernel/lib/modules")
cp "$work/kernel/boot/vmlinuz-$kernel" "$out/vmlinuz"

# The root tree.
root=$work/root
mkdir -p "$root"/{bin,usr,lib64,lib/x86_64-linux-gnu,etc/dropbear,dev,proc,sys,run,tmp,mnt,root/.ssh,home/cirros/.ssh,var/www,var/log,var/lib}
cp -a "$here/guest/root/." "$root/"
# Set-user-id, so that anybody may ping; busybox itself drops the right for every other applet.
cp "$work/busybox/bin/busybox" "$root/bin/busybox"; chmod 4755 "$root/bin/busybox"
add() { # name [name in the guest]
  local file; file=$(readlink -f "$(command -v "$1")")
  cp "$file" "$root/bin/${2:-$1}"
  ldd "$file" | grep -oE '/[^ ]+\.so[^ ]*' | while read -r lib; do
    case $lib in /lib64/*) cp -Lu "$lib" "$root/lib64/" ;; *) cp -Lu "$lib" "$root/lib/x86_64-linux-gnu/" ;; esac
  done
}
for name in dropbear dropbearkey resize2fs lsblk mke2fs; do add $name; done
add blkid blkid.real; add setpriv setpriv-root; chmod 4755 "$root/bin/setpriv-root"
ln -s mke2fs "$root/bin/mkfs.ext4"; ln -s mke2fs "$root/bin/mkfs.ext3"
for applet in $("$root/bin/busybox" --list); do [ -e "$root/bin/$applet" ] || ln -s busybox "$root/bin/$applet"; done
ln -s bin "$root/sbin"; ln -s ../bin "$root/usr/bin"; ln -s ../bin "$root/usr/sbin"; ln -s ../run "$root/var/run"
ln -s /run/resolv.conf "$root/etc/resolv.conf"

hash=$(openssl passwd -1 -salt guest000 gocubsgo)
printf 'root:x:0:0:root:/root:/bin/sh\ncirros:x:1000:1000:cirros:/home/cirros:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\ntty:x:5:\ncirros:x:1000:\n' > "$root/etc/group"
printf 'root:%s:19000:0:99999:7:::\ncirros:%s:19000:0:99999:7:::\n' "$hash" "$hash" > "$root/etc/shadow"; chmod 600 "$root/etc/shadow"
echo /bin/sh > "$root/etc/shells"; echo guest > "$root/etc/hostname"; echo '127.0.0.1 localhost' > "$root/etc/hosts"
printf '%s: files\n' passwd group shadow networks services protocols > "$root/etc/nsswitch.conf"; echo 'hosts: files dns' >> "$root/etc/nsswitch.conf"
chmod 1777 "$root/tmp"; chmod 700 "$root/root" "$root/root/.ssh" "$root/home/cirros/.ssh"

# Kernel modules: few for the first stage, the rest on the root disk.
depmod -b "$work/kernel" "$kernel"
modules() { # tree module...
  local tree=$1 m; shift; mkdir -p "$tree/lib/modules/$kernel"
  for m; do modprobe -d "$work/kernel" -S "$kernel" --show-depends "$m" 2>/dev/null | awk '$1 == "insmod" {print $2}' || true; done | sort -u | while read -r file; do
    to=$tree/${file#"$work/kernel/"}; mkdir -p "$(dirname "$to")"; cp "$file" "$to"
    if command -v strip >/dev/null; then strip --strip-debug "$to" 2>/dev/null || true; fi
  done
  cp "$work/kernel/lib/modules/$kernel"/modules.{order,builtin,builtin.modinfo} "$tree/lib/modules/$kernel/"; depmod -b "$tree" "$kernel"
  (cd "$tree/lib/modules/$kernel" && rm -f modules.symbols modules.*.bin modules.devname modules.softdep modules.order modules.builtin.modinfo)
}
first="virtio_pci virtio_mmio virtio_blk virtio_scsi sd_mod ata_piix ahci"
modules "$root" $first virtio_net virtio_console virtio_balloon virtio-rng sr_mod isofs vfat nls_cp437 nls_ascii nls_iso8859-1 nls_utf8 button evdev 8021q i6300esb

ram=$work/ram; mkdir -p "$ram"/{bin,dev,proc,sys,newroot}
cp "$root/bin/busybox" "$ram/bin/"; for applet in $("$root/bin/busybox" --list); do [ -e "$ram/bin/$applet" ] || ln -s busybox "$ram/bin/$applet"; done
cp "$here/guest/init" "$ram/init"; modules "$ram" $first
(cd "$ram" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet | gzip -9n) > "$out/initrd.img"

# The root file system. resize= leaves room to grow online; owners are set afterwards since the builder need not be root.
rm -f "$out/rootfs.img"; truncate -s "${root_mb}M" "$out/rootfs.img"
mkfs.ext4 -q -L guest-root -m 0 -J size=4 -i 8192 -E root_owner=0:0,resize=33554432 -d "$root" "$out/rootfs.img"
if [ "$(id -u)" != 0 ]; then
  (cd "$root" && find . -mindepth 1 | sed 's/^\.//' | while read -r f; do echo "sif \"$f\" uid 0"; echo "sif \"$f\" gid 0"; done) > "$work/owners"
fi
(cd "$root" && find ./home/cirros | sed 's/^\.//' | while read -r f; do echo "sif \"$f\" uid 1000"; echo "sif \"$f\" gid 1000"; done) >> "$work/owners"
debugfs -w -f "$work/owners" "$out/rootfs.img" >/dev/null 2>&1

# The whole disk: an MBR, a FAT partition with syslinux, kernel and RAM disk, then the root file system.
boot_mb=$((($(stat -c %s "$out/vmlinuz") + $(stat -c %s "$out/initrd.img")) / 1048576 + 3))
boot=$work/boot.fat; truncate -s "${boot_mb}M" "$boot"; mkfs.fat -F 16 -n BOOT -s 8 "$boot" >/dev/null
printf '%s\n' 'SERIAL 0 115200' 'DEFAULT guest' 'PROMPT 0' 'TIMEOUT 1' 'LABEL guest' ' KERNEL /vmlinuz' ' INITRD /initrd.img' \
  ' APPEND console=tty1 console=ttyS0 quiet tsc=reliable no_timer_check mitigations=off panic=5' > "$work/syslinux.cfg"
mcopy -i "$boot" "$out/vmlinuz" ::vmlinuz; mcopy -i "$boot" "$out/initrd.img" ::initrd.img; mcopy -i "$boot" "$work/syslinux.cfg" ::syslinux.cfg
mmd -i "$boot" ::EFI ::EFI/BOOT
mcopy -i "$boot" "$work/efi/usr/lib/SYSLINUX.EFI/efi64/syslinux.efi" ::EFI/BOOT/BOOTX64.EFI; mcopy -i "$boot" /usr/lib/syslinux/modules/efi64/ldlinux.e64 "$work/syslinux.cfg" ::EFI/BOOT
syslinux --install "$boot"
disk=$work/disk.raw; truncate -s $(((1 + boot_mb + root_mb) * 1048576)) "$disk"
printf 'label: dos\nstart=2048,size=%d,type=ef,bootable\nstart=%d,type=83\n' $((boot_mb * 2048)) $((2048 + boot_mb * 2048)) | sfdisk -q "$disk"
dd if=/usr/lib/syslinux/mbr/mbr.bin of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$boot" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
dd if="$out/rootfs.img" of="$disk" bs=1M seek=$((1 + boot_mb)) conv=notrunc,sparse status=none
qemu-img convert -c -O qcow2 "$disk" "$out/disk.qcow2"
echo "$stamp" > "$out/.stamp"
echo "$out"
