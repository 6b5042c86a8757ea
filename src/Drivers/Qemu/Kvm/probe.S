# A boot sector that goes to long mode and runs the instructions on which half-working KVMs stop: cmpxchg16b, xsave and xrstor.
# It ends by writing 0x31 to the isa-debug-exit device, so that QEMU exits with 99.
#   as --64 probe.S -o p.o && ld -m elf_x86_64 -Ttext 0x7c00 --oformat binary p.o -o probe.bin
        .intel_syntax noprefix
        .code16
        .globl _start
_start: cli
        cld
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, 0x7c00
        mov     edi, 0x1000             # page tables for the first 2 MiB at 0x1000-0x3fff, a zeroed save area at 0x5000
        mov     cr3, edi
        xor     eax, eax
        mov     ecx, 0x1800
        rep     stosd
        mov     dword ptr ds:[0x1000], 0x2003
        mov     dword ptr ds:[0x2000], 0x3003
        mov     dword ptr ds:[0x3000], 0x83
        mov     eax, 0x620              # PAE, OSFXSR, OSXMMEXCPT
        mov     cr4, eax
        mov     ecx, 0xc0000080
        rdmsr
        or      eax, 0x100
        wrmsr
        lgdt    ds:[gdtp]
        mov     eax, 0x80000013
        mov     cr0, eax
        ljmp    8, offset long
        .code64
long:   mov     eax, 1
        cpuid
        mov     esi, ecx
        bt      esi, 13
        jnc     1f
        xor     eax, eax
        xor     edx, edx
        mov     ebx, 1
        mov     ecx, 2
        lock cmpxchg16b [0x6000]
        jnz     fail
        cmp     qword ptr [0x6008], 2
        jne     fail
1:      fxsave  [0x5000]
        fxrstor [0x5000]
        bt      esi, 26
        jnc     2f
        mov     rax, cr4
        or      eax, 0x40000
        mov     cr4, rax
        xor     ecx, ecx
        xor     edx, edx
        mov     eax, 3
        xsetbv
        mov     edi, 0x5000
        xor     eax, eax
        mov     ecx, 0x400
        rep     stosd
        xor     edx, edx
        mov     eax, 3
        xsave   [0x5000]
        mov     eax, 3
        xrstor  [0x5000]
2:      mov     al, 0x31
        jmp     3f
fail:   mov     al, 0x10
3:      mov     dx, 0x501
        out     dx, al
4:      hlt
        jmp     4b
        .balign 8
gdt:    .quad   0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdtp:   .word   23
        .long   gdt
        .org    510
        .word   0xaa55
