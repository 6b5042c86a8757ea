using Nephos.Kernel.Tests.Operations;

// A test of kill -9 starts this program again, to kill it.
return args is ["--crash-child"] ? await CrashChild.Run() : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
