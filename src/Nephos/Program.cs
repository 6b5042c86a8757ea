using System.CommandLine;
using System.Runtime.Versioning;
using Nephos.Cli;

[assembly: SupportedOSPlatform("linux")]

return await CommandLine.Root().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
