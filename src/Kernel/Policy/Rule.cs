namespace Nephos.Kernel.Policy;

/// <summary>Texts that many rules share: upstream's personas with its newest defaults (admin implies manager, manager member, member reader).</summary>
public static class Rule
{
    /// <summary>Anyone with a valid token.</summary>
    public const string Anyone = "@";
    /// <summary>Nobody, unless an operator's file says otherwise.</summary>
    public const string Nobody = "!";
    /// <summary>Cloud administrators.</summary>
    public const string Admin = "role:admin";
    /// <summary>Members of the owning project.</summary>
    public const string ProjectMember = "role:member and project_id:%(project_id)s";
    /// <summary>Readers of the owning project.</summary>
    public const string ProjectReader = "role:reader and project_id:%(project_id)s";
    /// <summary>Managers of the owning project.</summary>
    public const string ProjectManager = "role:manager and project_id:%(project_id)s";
    /// <summary>Members of the owning project, and administrators.</summary>
    public const string ProjectMemberOrAdmin = "(role:member and project_id:%(project_id)s) or role:admin";
    /// <summary>Readers of the owning project, and administrators.</summary>
    public const string ProjectReaderOrAdmin = "(role:reader and project_id:%(project_id)s) or role:admin";
    /// <summary>Managers of the owning project, and administrators.</summary>
    public const string ProjectManagerOrAdmin = "(role:manager and project_id:%(project_id)s) or role:admin";
    /// <summary>Services of the cloud and administrators.</summary>
    public const string ServiceOrAdmin = "role:service or role:admin";
    /// <summary>System readers and administrators.</summary>
    public const string AdminOrSystemReader = "role:admin or (role:reader and system_scope:all)";
}
