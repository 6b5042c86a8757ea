using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Contracts;

namespace Nephos.Kernel.Audit;

/// <summary>An event in the form of DMTF's Cloud Auditing Data Federation (DSP0262), with the names that OpenStack's own services give to things.</summary>
public static class CadfEvent
{
    private const string User = "service/security/account/user", Unknown = "unknown";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As one line, as it leaves for other programs.</summary>
    public static string Line(AuditEvent e) => Of(e).ToJsonString(Readable);

    /// <summary>As JSON.</summary>
    public static JsonObject Of(AuditEvent e)
    {
        var target = new JsonObject { ["typeURI"] = e.TargetKind, ["id"] = e.TargetId ?? Unknown };
        Add(target, "container_id", e.ContainerId);
        var cadf = new JsonObject
        {
            ["typeURI"] = "http://schemas.dmtf.org/cloud/audit/1.0/event",
            ["eventType"] = "activity",
            ["id"] = e.Id.ToString(),
            ["eventTime"] = e.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+0000'", CultureInfo.InvariantCulture),
            ["action"] = e.Action,
            ["outcome"] = e.Status < 400 ? "success" : "failure",
            ["reason"] = new JsonObject { ["reasonType"] = "HTTP", ["reasonCode"] = e.Status.ToString(CultureInfo.InvariantCulture) },
            ["initiator"] = Initiator(e),
            ["target"] = target,
            ["observer"] = new JsonObject { ["typeURI"] = e.ServiceKind, ["id"] = e.Service, ["name"] = e.Service },
        };
        Add(cadf, "requestPath", e.Path);
        return cadf;
    }

    private static JsonObject Initiator(AuditEvent e)
    {
        var host = new JsonObject { ["address"] = e.Address };
        Add(host, "agent", e.Agent);
        var initiator = new JsonObject { ["typeURI"] = User, ["id"] = e.UserId ?? Unknown, ["host"] = host };
        foreach (var (name, value) in new[]
        {
            ("name", e.UserName), ("domain", e.UserDomainId), ("project_id", e.ProjectId), ("domain_id", e.DomainId), ("trust_id", e.TrustId), ("trustor_user_id", e.TrustorId), ("trustee_user_id", e.TrusteeId),
            ("application_credential_id", e.ApplicationCredentialId), ("service_user_id", e.ServiceUserId), ("request_id", e.RequestId), ("global_request_id", e.GlobalRequestId),
        })
            Add(initiator, name, value);
        return initiator;
    }

    private static void Add(JsonObject to, string name, string? value)
    {
        if (value is not null) to[name] = value;
    }
}
