# The whole operating system of the contract tests: says it booted, ticks, obeys the power button and ejects cards (q35's ports).
# Byte 500 chooses: 0 obeys the power button, 1 ignores it, 2 powers off by itself at once.
#   as --32 guest.S -o g.o && ld -m elf_i386 -Ttext 0x7c00 --oformat binary g.o -o guest.bin
        .intel_syntax noprefix
        .code16
        .globl _start
_start: cld
        xor     ax, ax
        mov     ds, ax
        mov     ss, ax
        mov     sp, 0x7c00
        mov     al, 0xff
        out     0xa1, al                # nothing but the timer wakes us
        mov     al, 0xfe
        out     0x21, al
        mov     si, offset booted
        call    print
        cmp     byte ptr ds:[0x7c00 + 500], 2
        je      off
        mov     dx, 0x602
        mov     ax, 0x100
        out     dx, ax                  # power button enable
        sti
tick:   hlt
        inc     di
        test    di, 7
        jnz     1f
        mov     dx, 0x3f8
        mov     al, '.'
        out     dx, al
1:      mov     dx, 0x600
        in      ax, dx
        test    ah, 1
        jz      eject
        mov     ax, 0x100
        out     dx, ax
        mov     si, offset pressed
        call    print
        cmp     byte ptr ds:[0x7c00 + 500], 1
        jne     off
eject:  mov     ebx, 40
2:      dec     ebx
        js      tick
        mov     dx, 0xcd0
        mov     eax, ebx
        out     dx, eax
        mov     dx, 0xcc4
        in      eax, dx
        test    eax, eax
        jz      2b
        mov     dx, 0xcc8
        out     dx, eax
        mov     si, offset ejected
        call    print
        jmp     2b
off:    mov     dx, 0x604
        mov     ax, 0x2000
        out     dx, ax
        hlt
print:  mov     dx, 0x3f8
3:      lodsb
        test    al, al
        jz      4f
        out     dx, al
        jmp     3b
4:      ret
booted: .asciz  "nephos test guest\r\n"
pressed: .asciz "power button\r\n"
ejected: .asciz "ejected\r\n"
        .org    510
        .word   0xaa55
