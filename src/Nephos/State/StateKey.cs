using System.Security.Cryptography;
using Nephos.Contracts;

namespace Nephos.State;

/// <summary>The key that seals secrets in the database (token keys, credentials). It lies beside the database and not in it, so that a copy of one is worth nothing.</summary>
static class StateKey
{
    /// <summary>Reads <c>state-key</c> of the controller's folder; the first start makes it.</summary>
    public static Secret Load(string controllerFolder)
    {
        var file = Path.Combine(controllerFolder, "state-key");
        if (!File.Exists(file))
        {
            var temporary = file + ".new";
            File.Delete(temporary);
            using (var writer = new StreamWriter(new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite })))
                writer.Write(RandomNumberGenerator.GetHexString(64, lowercase: true));
            File.Move(temporary, file);
        }
        return new Secret(File.ReadAllText(file).Trim());
    }
}
