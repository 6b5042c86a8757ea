namespace Nephos.Drivers.Namespaces;

/// <summary>Where the drivers of namespaces keep files.</summary>
/// <param name="State">Survives a restart of the host.</param>
/// <param name="Run">Files of running servers; users without rights must be able to pass through it.</param>
public sealed record NetworkFolders(string State, string Run)
{
    public string Marks => Path.Combine(State, "namespaces");
}
