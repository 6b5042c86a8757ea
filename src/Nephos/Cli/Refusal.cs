namespace Nephos.Cli;

/// <summary>Why a command does nothing, and what to do about it; the whole output of that command, with exit code 1.</summary>
sealed class Refusal(string why, string? mend = null) : Exception(why)
{
    public string? Mend => mend;
}
