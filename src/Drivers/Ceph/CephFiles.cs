namespace Nephos.Drivers.Ceph;

/// <summary>The files by which a cluster is found and entered. The program is a user of its own, who often may not read what root may.</summary>
static class CephFiles
{
    /// <summary>Why a configuration cannot be read, or null.</summary>
    public static string? ConfigurationFlaw(string file, string user, Func<string, bool?> readable) => readable(file) is false ? Closed("configuration", file, user) : null;

    /// <summary>Why there is no key in any of the files that Ceph looks at, or null: it takes the first it can read.</summary>
    /// <param name="files">As Ceph's configuration has them, separated.</param>
    /// <param name="user">Who we are.</param>
    /// <param name="readable">Null: there is no such file.</param>
    public static string? KeyringFlaw(string files, string user, Func<string, bool?> readable)
    {
        string[] all = files.Split([',', ';', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (all.Length == 0 || all.Any(f => readable(f) is true)) return null;
        return all.FirstOrDefault(f => readable(f) is false) is { } closed ? Closed("keyring", closed, user) : $"there is no keyring at {string.Join(" or ", all)}";
    }

    /// <summary>Whether we can read a file; null when there is none.</summary>
    public static bool? IsReadable(string file)
    {
        try
        {
            using var open = File.OpenHandle(file);
            return true;
        }
        catch (UnauthorizedAccessException) { return false; }
        catch (IOException) { return null; }
    }

    static string Closed(string what, string file, string user) => $"the user {user} cannot read the {what} {file}; let it: chgrp {user} {file} && chmod g+r {file}";
}
