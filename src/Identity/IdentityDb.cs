using Nephos.Kernel.Data;

namespace Nephos.Identity;

/// <summary>Identity's part of the database.</summary>
internal sealed class IdentityDb(Database database) : Db(database, "identity");
