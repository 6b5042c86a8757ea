using System.Runtime.CompilerServices;
using Xunit;

namespace Nephos.Drivers.Tests;

/// <summary>Compares with files in <c>Golden/</c>; <c>NEPHOS_GOLDEN=update</c> rewrites them, and the difference is for the reviewer.</summary>
static class Golden
{
    public static void Check(string name, string text, [CallerFilePath] string caller = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(caller)!);
        if (Environment.GetEnvironmentVariable("NEPHOS_GOLDEN") == "update")
        {
            while (folder!.Name != "Drivers.Tests") folder = folder.Parent;
            File.WriteAllText(Path.Combine(folder.FullName, "Golden", name), text);
            return;
        }
        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", name)), text);
    }
}
