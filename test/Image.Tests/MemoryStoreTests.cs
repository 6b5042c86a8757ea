using Nephos.Contracts.Drivers;
using Nephos.Testing;

namespace Nephos.Image.Tests;

/// <summary>The fake tells the truth about stores.</summary>
public sealed class MemoryStoreTests : ImageStoreContract
{
    private readonly MemoryStore _store = new();

    protected override Task<IImageStore> Open() => Task.FromResult<IImageStore>(_store);
}
