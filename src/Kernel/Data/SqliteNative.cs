using System.Reflection;
using System.Runtime.InteropServices;

namespace Nephos.Kernel.Data;

/// <summary>Makes the provider, which asks for a bundled <c>e_sqlite3</c>, load the system's SQLite: it is newer and gets security fixes.</summary>
internal static class SqliteNative
{
    private static readonly Lazy<bool> Loaded = new(() =>
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly, Resolve);
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
        // A session has one user at a time, so SQLite need not lock a mutex for each column of each row.
        SQLitePCL.raw.sqlite3_config(SQLitePCL.raw.SQLITE_CONFIG_MULTITHREAD);
        return true;
    });

    public static void Load() => _ = Loaded.Value;

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == "e_sqlite3" ? NativeLibrary.Load("libsqlite3.so.0") : 0;
}
