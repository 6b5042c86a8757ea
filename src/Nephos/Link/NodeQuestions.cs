using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Nephos.Contracts;
using Nephos.Contracts.Link;

namespace Nephos.Link;

/// <summary>Questions waiting for nodes, in memory: who asks is a request or a step that waits anyway, and asks again after a restart.</summary>
sealed class NodeQuestions(TimeProvider time) : INodeQuestions
{
    static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);

    /// <summary>A node that lives asks for something at least every <see cref="Wait"/>.</summary>
    static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    readonly Lock gate = new();
    readonly ConcurrentDictionary<Guid, Channel<NodeQuestion>> queues = [];
    readonly ConcurrentDictionary<Guid, Waiting> waiting = [];
    readonly ConcurrentDictionary<Guid, long> heard = [];

    /// <summary>The node lives. Who waits for one that does not is told long before a limit made for copying disks.</summary>
    public void Heard(Guid node) => heard[node] = time.GetTimestamp();

    /// <summary>A node begins: what its last life was asked and has not answered it is asked again.</summary>
    public void Joined(Guid node)
    {
        lock (gate)
        {
            var queue = queues[node] = Channel.CreateUnbounded<NodeQuestion>();
            foreach (var asked in waiting.Values.Where(w => w.Node == node).OrderBy(w => w.Question.Id)) queue.Writer.TryWrite(asked.Question);
        }
    }

    public async Task<JsonElement> Ask(Guid node, string verb, Guid subject, string? argument, TimeSpan limit, CancellationToken ct)
    {
        var question = new NodeQuestion(NewId.Ordered(), verb, subject, argument);
        var asked = new Waiting(node, question, new(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            lock (gate)
            {
                waiting[question.Id] = asked;
                Queue(node).Writer.TryWrite(question);
            }
            var answer = await Answered(node, asked.Answer.Task, limit, ct);
            if (answer.Error is { } error) throw Fault.Conflict(error, "NodeRefused");
            return answer.Result ?? default;
        }
        catch (TimeoutException)
        {
            throw Fault.Unavailable($"The node did not answer within {limit.TotalSeconds:0} s.", "NodeSilent");
        }
        finally { waiting.TryRemove(question.Id, out _); }
    }

    async Task<NodeAnswer> Answered(Guid node, Task<NodeAnswer> answer, TimeSpan limit, CancellationToken ct)
    {
        var asked = time.GetTimestamp();
        while (true)
        {
            var left = limit - time.GetElapsedTime(asked);
            var patience = Silence - time.GetElapsedTime(Math.Max(asked, heard.GetValueOrDefault(node)));
            if (patience <= TimeSpan.Zero) throw Fault.Unavailable($"The node has not been heard of for {Silence.TotalSeconds:0} s.", "NodeSilent");
            if (left <= TimeSpan.Zero) throw new TimeoutException();
            try { return await answer.WaitAsync(left < patience ? left : patience, time, ct); }
            catch (TimeoutException) when (left >= patience) { }
        }
    }

    /// <summary>The next question for a node that somebody still waits for.</summary>
    public async Task<NodeQuestion?> Next(Guid node, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Wait);
        try
        {
            while (true)
                if (await Queue(node).Reader.ReadAsync(limit.Token) is var question && waiting.ContainsKey(question.Id)) return question;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested) { return null; }
    }

    public void Answer(NodeAnswer answer)
    {
        if (waiting.TryGetValue(answer.Id, out var asked)) asked.Answer.TrySetResult(answer);
    }

    Channel<NodeQuestion> Queue(Guid node) => queues.GetOrAdd(node, _ => Channel.CreateUnbounded<NodeQuestion>());

    sealed record Waiting(Guid Node, NodeQuestion Question, TaskCompletionSource<NodeAnswer> Answer);
}
