namespace Nephos.Image.Tests.Web;

/// <summary>A web server whose data comes when it is let go, or never.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously), _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Asked => _asked.Task.WaitAsync(TimeSpan.FromSeconds(60));
    public void Open() => _open.TrySetResult();

    public Task<WebServer> Server() => WebServer.Start(async http =>
    {
        http.Response.ContentLength = Mirrors.Bytes.Length;
        if (http.Request.Method == "HEAD") return;
        _asked.TrySetResult();
        await _open.Task.WaitAsync(http.RequestAborted);
        await http.Response.Body.WriteAsync(Mirrors.Bytes);
    });
}
