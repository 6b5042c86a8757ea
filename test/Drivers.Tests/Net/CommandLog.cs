using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Tests.Net;

/// <summary>Keeps the commands that were run.</summary>
internal sealed class CommandLog : ILoggerFactory, ILogger
{
    public ConcurrentQueue<Command> Ran { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) { }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> named) return;
        foreach (var (_, value) in named) if (value is Command command) Ran.Enqueue(command);
    }

    public void Dispose() { }
}
