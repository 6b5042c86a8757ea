using Nephos.Contracts;

namespace Nephos.Kernel.Operations;

/// <summary>Marks the state of an operation: the record that <see cref="Operation{TState}"/> is given, with every id it will create.</summary>
/// <typeparam name="TOperation">The operation.</typeparam>
public interface IStateOf<TOperation> where TOperation : Operation;

/// <summary>What a step knows besides the state.</summary>
/// <param name="Id">The operation's id.</param>
/// <param name="Epoch">
/// Given to every call that creates something. It rises with each claim and each new beginning after an undo, so that a late call of
/// somebody who lost the operation is refused by the tombstone the undo has left.
/// </param>
/// <param name="RequestId">The request that started it.</param>
/// <param name="ProjectId">Its project.</param>
/// <param name="UserId">Its user.</param>
/// <param name="Cancel">Ends with the step's deadline, with a delete that pre-empts, and with the program.</param>
public sealed record OperationContext(Guid Id, long Epoch, string? RequestId, string? ProjectId, string? UserId, CancellationToken Cancel);

/// <summary>How an operation ended when it did not succeed.</summary>
/// <param name="Fault">Why.</param>
/// <param name="Step">At which step.</param>
/// <param name="Left">What could not be taken back, a sentence each; empty if the world is clean.</param>
public sealed record OperationFailure(Fault Fault, string Step, IReadOnlyList<string> Left);

/// <summary>Switches of the engine.</summary>
public sealed record OperationsOptions
{
    /// <summary>Honour <c>NEPHOS_CRASH=operation/step/(before|inside|after)</c>. Only for tests and <c>--fake</c>.</summary>
    public bool AllowCrash { get; init; }

    /// <summary>How long an operation that waits goes without being asked, at first.</summary>
    public TimeSpan Fallback { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest it goes without.</summary>
    public TimeSpan FallbackMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>First wait after an unexpected error; doubles up to 30 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a step that ignores its cancellation is waited for.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(30);
}
