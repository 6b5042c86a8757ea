using Nephos.Contracts;
using Nephos.Kernel.Operations;
using Nephos.Testing;
using Xunit;

namespace Nephos.Kernel.Tests.Operations;

public sealed class TombstoneTests
{
    [Theory, OnEachDatabase]
    public async Task A_thing_deleted_at_an_epoch_is_refused_for_that_and_lower_ones(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await test.Service("demo");
        var tombstones = new Tombstones(db);
        var id = NewId.Uuid();
        Task Ensure(long epoch) => db.InTransaction(() => tombstones.Refuse("port", id, epoch));
        await Ensure(5);
        await db.InTransaction(() => tombstones.Bury("port", id, 5));
        await db.InTransaction(() => tombstones.Bury("port", id, 3));
        Assert.Equal("Gone", (await Assert.ThrowsAsync<Fault>(() => Ensure(4))).Name);
        await Assert.ThrowsAsync<Fault>(() => Ensure(5));
        await Ensure(6);
        await Assert.ThrowsAsync<Fault>(() => Ensure(5));
    }
}
