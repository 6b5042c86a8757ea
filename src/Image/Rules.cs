namespace Nephos.Image;

/// <summary>glance's committed defaults: the personas of newest upstream with its rules about sharing.</summary>
internal static class Rules
{
    public const string Member = "role:admin or (role:member and project_id:%(project_id)s)";
    public const string Reader = "role:admin or (role:reader and project_id:%(project_id)s)";
    public const string Add = "role:admin or (role:member and project_id:%(project_id)s and project_id:%(owner)s)";
    public const string See = "role:admin or (role:reader and (project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s))";
    public const string Download = "role:admin or (role:member and (project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s))";
    public const string Shared = "role:admin or (role:member and project_id:%(member_id)s)";
    public const string ReaderOrShared = "role:admin or (role:reader and (project_id:%(project_id)s or project_id:%(member_id)s))";
    public const string Admin = "role:admin";
    public const string Service = "rule:service_api";
    public const string ServiceOrOwner = "rule:service_api or (role:member and project_id:%(project_id)s and project_id:%(owner)s)";

    /// <summary>Names that several routes ask about.</summary>
    public const string GetImage = "get_image", ModifyImage = "modify_image", DeleteImage = "delete_image", PublicizeImage = "publicize_image",
        CommunitizeImage = "communitize_image", CopyImage = "copy_image", GetImageLocation = "get_image_location", SetImageLocation = "set_image_location", DeleteImageLocation = "delete_image_location", IsAdmin = "context_is_admin";
}
