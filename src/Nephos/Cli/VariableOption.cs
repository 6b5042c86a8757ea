using System.CommandLine;

namespace Nephos.Cli;

/// <summary>An option for which an environment variable stands in where the command line is silent.</summary>
sealed class VariableOption : Option<string?>
{
    public VariableOption(string name, string variable, string description) : base(name) =>
        (Variable, Meaning, Description) = (variable, description, $"{description} [env: {variable}]");

    public string Variable { get; }

    /// <summary>The description without the variable.</summary>
    public string Meaning { get; }
}
