using Nephos.Contracts;

namespace Nephos.Image.Ova;

/// <summary>Every failure of packages that a user can see.</summary>
internal static class OvaErrors
{
    public static Fault Refused(string why) => Fault.Invalid($"The OVA is refused: {why}.", "InvalidPackage");
}
