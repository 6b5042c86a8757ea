using Nephos.Contracts;
using Nephos.Drivers.Exec;
using Nephos.Kernel.Settings;
using Nephos.Tls;

namespace Nephos.Roles;

/// <summary>Everything a controller process has to know; written to its standard input, so that nothing secret is in arguments or environment.</summary>
/// <param name="Options">As given to <c>up</c>.</param>
/// <param name="Cloud">The cloud's id.</param>
/// <param name="Folder">The controller's own folder, which its user may write.</param>
/// <param name="LinkSocket">Path of the unix socket to listen on.</param>
/// <param name="AdminPassword">For the first start; null once the cloud is seeded, so that what an operator removed stays removed.</param>
/// <param name="Certificate">For https; null without.</param>
/// <param name="Settings">What the operator's files say, by service; null for nothing.</param>
sealed record ControllerStart(NephosOptions Options, string Cloud, string Folder, string LinkSocket, Secret? AdminPassword, ServerCertificate? Certificate,
    Dictionary<string, IReadOnlyList<SettingLine>>? Settings = null);

/// <summary>What a node has to know.</summary>
/// <param name="Options">As given to <c>up</c>.</param>
/// <param name="Cloud">The cloud's id.</param>
/// <param name="Folder">The node's own folder; users without rights may pass through it.</param>
/// <param name="RunFolder">For sockets with short paths.</param>
/// <param name="LogFolder">Where its log goes.</param>
/// <param name="Guests">The user that emulators run as; null with pretended servers.</param>
/// <param name="Images">The user that reads images; null with pretended servers.</param>
sealed record NodeStart(NephosOptions Options, string Cloud, string Folder, string RunFolder, string LogFolder, RunAs? Guests, RunAs? Images);
