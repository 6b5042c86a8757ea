using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Link;
using Nephos.Testing;
using Xunit;

namespace Nephos.Tests;

public sealed class NodeQuestionsTests
{
    static readonly Guid Node = NewId.Uuid(), Server = NewId.Uuid();
    readonly ManualTimeProvider time = new();
    readonly CancellationToken ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_asks_a_node_that_falls_silent_does_not_wait_to_the_end()
    {
        var questions = new NodeQuestions(time);
        var asked = questions.Ask(Node, "snapshot", Server, null, TimeSpan.FromMinutes(30), ct);
        Assert.NotNull(await questions.Next(Node, ct));
        time.Advance(TimeSpan.FromMinutes(2));
        var fault = await Assert.ThrowsAsync<Fault>(() => asked);
        Assert.Equal((FaultKind.Unavailable, "NodeSilent"), (fault.Kind, fault.Name));
    }

    [Fact]
    public async Task A_node_that_is_heard_of_may_take_its_time()
    {
        var questions = new NodeQuestions(time);
        var asked = questions.Ask(Node, "snapshot", Server, null, TimeSpan.FromMinutes(30), ct);
        var question = (await questions.Next(Node, ct))!;
        time.Advance(TimeSpan.FromMinutes(1));
        questions.Heard(Node);
        time.Advance(TimeSpan.FromMinutes(1.5));
        questions.Answer(new NodeAnswer(question.Id, null, null));
        await asked;
    }

    [Fact]
    public async Task A_node_that_begins_again_is_asked_again_what_it_did_not_answer()
    {
        var questions = new NodeQuestions(time);
        var (lost, unread) = (questions.Ask(Node, "snapshot", Server, null, TimeSpan.FromMinutes(30), ct), questions.Ask(Node, "console", Server, null, TimeSpan.FromMinutes(30), ct));
        Assert.Equal("snapshot", (await questions.Next(Node, ct))!.Verb);
        questions.Joined(Node);
        foreach (var verb in (string[])["snapshot", "console"])
        {
            var question = (await questions.Next(Node, ct))!;
            Assert.Equal(verb, question.Verb);
            questions.Answer(new NodeAnswer(question.Id, null, null));
        }
        await Task.WhenAll(lost, unread);
    }
}
