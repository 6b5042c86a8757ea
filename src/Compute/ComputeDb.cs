using Nephos.Kernel.Data;

namespace Nephos.Compute;

/// <summary>Compute's part of the database.</summary>
internal sealed class ComputeDb(Database database) : Db(database, "compute");
