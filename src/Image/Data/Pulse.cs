namespace Nephos.Image.Data;

/// <summary>Says now and then that an upload is alive, so that another controller does not take it for dead.</summary>
internal sealed class Pulse : IDisposable
{
    private readonly ITimer _timer;

    public Pulse(WriterTable writers, Guid image) =>
        _timer = writers.Time.CreateTimer(_ => _ = writers.Beat(image), null, WriterTable.BeatEvery, WriterTable.BeatEvery);

    public void Dispose() => _timer.Dispose();
}
