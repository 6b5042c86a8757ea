using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Nephos.Drivers.Qemu;

/// <summary>The emulator's answer "no".</summary>
sealed class QmpRefused(string command, string kind, string why) : Exception($"{command}: {why}")
{
    public string Kind => kind;
    public string Why => why;
}

/// <param name="Data">Empty object when the event has none.</param>
sealed record QmpEvent(string Name, JsonElement Data);

/// <summary>
/// The one control connection to an emulator (a second would hang until the first leaves). Commands are answered in any order, by
/// number; events go to whoever listens.
/// </summary>
sealed class Qmp : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    const int LineMost = 16 << 20;
    static readonly JsonElement Nothing = JsonDocument.Parse("{}").RootElement;

    readonly Socket socket;
    readonly NetworkStream stream;
    readonly SemaphoreSlim writing = new(1, 1);
    readonly ConcurrentDictionary<long, (string Command, TaskCompletionSource<JsonElement> Answer)> waiting = new();
    readonly ConcurrentDictionary<Expectation, byte> expected = new();
    readonly TaskCompletionSource greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Action<QmpEvent> heard;
    readonly Task reading;
    volatile bool closed;
    long number;

    sealed record Expectation(Func<QmpEvent, bool> Matches, TaskCompletionSource<QmpEvent> Came);

    Qmp(Socket socket, Action<QmpEvent> heard)
    {
        (this.socket, this.heard) = (socket, heard);
        stream = new NetworkStream(socket, ownsSocket: true);
        reading = Read();
    }

    /// <summary>False once the emulator is gone or hung up.</summary>
    public bool Open => !closed;

    /// <summary>Connects and negotiates; null while nobody listens at the path.</summary>
    /// <exception cref="TimeoutException">Somebody listens and does not greet.</exception>
    public static async Task<Qmp?> Connect(string path, TimeSpan patience, Action<QmpEvent> heard, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        // While others are connected even this waits.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        try { await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token); }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is SocketException) return null;
            ct.ThrowIfCancellationRequested();
            if (e is OperationCanceledException) throw new TimeoutException($"nobody answers at {path}");
            throw;
        }
        var qmp = new Qmp(socket, heard);
        try
        {
            await qmp.greeted.Task.WaitAsync(patience, ct);
            await qmp.Do("qmp_capabilities", null, ct);
            return qmp;
        }
        catch (Exception e)
        {
            await qmp.DisposeAsync();
            if (e is IOException) return null;
            throw;
        }
    }

    /// <summary>Runs a command to its answer.</summary>
    /// <exception cref="QmpRefused">The emulator said no.</exception>
    /// <exception cref="IOException">The emulator went away.</exception>
    public async Task<JsonElement> Do(string command, JsonObject? arguments, CancellationToken ct)
    {
        var id = Interlocked.Increment(ref number);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting[id] = (command, answer);
        try
        {
            var message = new JsonObject { ["execute"] = command, ["id"] = id };
            if (arguments is not null) message["arguments"] = arguments;
            await Send(JsonSerializer.SerializeToUtf8Bytes(message), ct);
            // After the reader ended nobody would answer.
            if (closed) throw Gone();
            return await answer.Task.WaitAsync(Patience, ct);
        }
        finally { waiting.TryRemove(id, out _); }
    }

    /// <summary>Starts to listen for an event now, so that a command given afterwards cannot be too quick.</summary>
    public Task<QmpEvent> Expect(Func<QmpEvent, bool> matches, TimeSpan limit, CancellationToken ct)
    {
        var expectation = new Expectation(matches, new(TaskCreationOptions.RunContinuationsAsynchronously));
        expected[expectation] = 0;
        if (closed) expectation.Came.TrySetException(Gone());
        return Wait();

        async Task<QmpEvent> Wait()
        {
            try { return await expectation.Came.Task.WaitAsync(limit, ct); }
            finally { expected.TryRemove(expectation, out _); }
        }
    }

    async Task Send(byte[] message, CancellationToken ct)
    {
        await writing.WaitAsync(ct);
        // Not cancelled half-way: half a message would spoil the next one.
        try { await stream.WriteAsync(message, CancellationToken.None); }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { throw Gone(); }
        finally { writing.Release(); }
    }

    async Task Read()
    {
        // The constructor has not returned yet.
        await Task.Yield();
        var pipe = PipeReader.Create(stream);
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync();
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    Take(buffer.Slice(0, end));
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }
                if (buffer.Length > LineMost) throw new InvalidDataException("a line without end");
                pipe.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted) break;
            }
        }
        catch (Exception) { /* Gone, or broken into and talking nonsense: the same to those who wait. */ }
        closed = true;
        greeted.TrySetException(Gone());
        foreach (var (_, wait) in waiting) wait.Answer.TrySetException(Gone());
        foreach (var (expectation, _) in expected) expectation.Came.TrySetException(Gone());
    }

    void Take(ReadOnlySequence<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        using var document = JsonDocument.ParseValue(ref reader);
        var message = document.RootElement;
        if (message.TryGetProperty("event", out var name))
        {
            var heardNow = new QmpEvent(name.GetString()!, message.TryGetProperty("data", out var data) ? data.Clone() : Nothing);
            foreach (var (expectation, _) in expected)
                if (expectation.Matches(heardNow)) expectation.Came.TrySetResult(heardNow);
            heard(heardNow);
        }
        else if (message.TryGetProperty("QMP", out _)) greeted.TrySetResult();
        else if (message.TryGetProperty("id", out var id) && waiting.TryGetValue(id.GetInt64(), out var wait))
        {
            if (message.TryGetProperty("return", out var result)) wait.Answer.TrySetResult(result.Clone());
            else
            {
                var error = message.GetProperty("error");
                wait.Answer.TrySetException(new QmpRefused(wait.Command, error.GetProperty("class").GetString()!, error.GetProperty("desc").GetString()!));
            }
        }
    }

    static IOException Gone() => new("the emulator ended");

    public async ValueTask DisposeAsync()
    {
        closed = true;
        socket.Dispose();
        await reading;
        writing.Dispose();
        await stream.DisposeAsync();
    }
}
