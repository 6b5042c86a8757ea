using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Doctor;
using Nephos.Drivers.Exec;
using Nephos.State;

namespace Nephos.Cli;

/// <summary><c>nephos doctor</c>: every check, its reason and its mend. Exit code 1 when something will not work.</summary>
static class DoctorCommand
{
    public static async Task<int> Run(StateFolder folder, CancellationToken ct)
    {
        var options = (folder.Exists ? RunningOptions.Of(folder) : null) ?? new NephosOptions { State = folder.Path };
        var findings = await new HostChecks(new Commands(NullLoggerFactory.Instance, TimeProvider.System), options, folder).All(ct);
        foreach (var finding in findings)
        {
            var mark = finding.Verdict switch { Verdict.Good => "ok  ", Verdict.Note => "note", _ => "BAD " };
            Console.WriteLine($"{mark}  {finding.What,-20} {finding.Text}");
            if (finding.Mend is { } mend) Console.WriteLine($"      {"",-20} mend: {mend}");
        }
        var bad = findings.Count(f => f.Verdict == Verdict.Bad);
        Console.WriteLine(bad == 0 ? "\nThis host can run servers." : $"\n{bad} thing{(bad == 1 ? "" : "s")} to mend.");
        return bad == 0 ? 0 : 1;
    }
}
