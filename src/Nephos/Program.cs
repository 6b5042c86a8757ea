using System.CommandLine;
using System.Runtime.Versioning;
using Nephos.Cli;

[assembly: SupportedOSPlatform("linux")]

var parsed = CommandLine.Root().Parse(args);
if (CommandLine.Complaint(parsed) is { } complaint)
{
    await Console.Error.WriteLineAsync(complaint);
    return 1;
}
return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
