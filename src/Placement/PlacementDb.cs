using Nephos.Kernel.Data;

namespace Nephos.Placement;

/// <summary>Placement's part of the database.</summary>
internal sealed class PlacementDb(Database database) : Db(database, "placement");
