namespace Nephos.Kernel.Diagnostics;

/// <summary>The request behind what happens now; it follows the flow of execution, and operations carry it on.</summary>
/// <param name="RequestId"><c>req-..</c>.</param>
/// <param name="UserId">Who asked.</param>
/// <param name="ProjectId">For which project.</param>
public sealed record RequestScope(string RequestId, string? UserId = null, string? ProjectId = null)
{
    private static readonly AsyncLocal<RequestScope?> Flow = new();

    /// <summary>The request of this flow, or null in loops.</summary>
    public static RequestScope? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }
}
