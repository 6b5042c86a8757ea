namespace Nephos.Placement;

/// <summary>Placement's committed defaults: administrators and services; a project's readers see their own usage.</summary>
internal static class Rules
{
    public const string Service = "rule:service_api";
    public const string Operator = "rule:admin_or_service_api";
    public const string OperatorOrReader = "rule:admin_or_service_api or rule:project_reader_api";
}
