using Nephos.Kernel.Data;

namespace Nephos.Network;

internal sealed class NetworkDb(Database database) : Db(database, "network");
