using Nephos.Kernel.Data;
using Secret = Nephos.Contracts.Secret;

namespace Nephos.Cli;

/// <summary>
/// Where the rows are, as the operator gave it: <c>--database URL</c> (or <c>@FILE</c>, which the command line reads itself), or <see cref="Variable"/>.
/// A password in it is shown nowhere: not in the list of processes, not to children, not in what we write.
/// </summary>
static class DatabaseUrl
{
    public const string Variable = "NEPHOS_DATABASE";

    /// <summary>The URL, or null for SQLite in the state folder.</summary>
    public static Secret? Given(string? argument)
    {
        var url = argument ?? Environment.GetEnvironmentVariable(Variable);
        // Guests' emulators and whatever else we start inherit our environment.
        Environment.SetEnvironmentVariable(Variable, null);
        if (string.IsNullOrEmpty(url)) return null;
        if (DatabaseOptions.WithoutPassword(url) != url) OwnArguments.Hide(url);
        try { _ = DatabaseOptions.FromUrl(url); }
        catch (FormatException wrong) { throw new Refusal($"{(argument is null ? Variable : "--database")} cannot be used: {wrong.Message}"); }
        return new Secret(url);
    }
}
