namespace Nephos.Drivers.Qemu;

/// <summary>UEFI firmware of this host.</summary>
/// <param name="Code">What all guests share.</param>
/// <param name="Variables">What a guest's own variables begin as.</param>
public sealed record Firmware(string Code, string Variables)
{
    /// <summary>OVMF without Secure Boot, where Debian has it.</summary>
    public static readonly Firmware Usual = new("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd");

    public bool IsHere => File.Exists(Code) && File.Exists(Variables);
}
