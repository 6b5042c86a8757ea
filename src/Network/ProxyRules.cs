using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;
using Nephos.Network.Attributes;

namespace Nephos.Network;

/// <summary>Network's own rules for a caller who comes through nova's proxies: upstream's hand the caller's token on, so an operator's rules count there too.</summary>
internal sealed class ProxyRules(Gateway gateway)
{
    private PolicyRegistry Rules => gateway["network"].Policies;

    public Viewer ViewerOf(Caller caller) => new(caller.ProjectId ?? "", Rules.Allows("context_is_admin", caller, PolicyTarget.None));

    /// <summary>Refuses unless the rule allows it for a thing of a project.</summary>
    public void Require(string rule, Caller caller, string project) => Require(rule, caller, PolicyTarget.OfProject(project));

    /// <summary>Refuses unless the rule allows it for a target.</summary>
    public void Require(string rule, Caller caller, PolicyTarget target)
    {
        if (!Rules.Allows(rule, caller, target)) throw Errors.NotAllowed("rule:" + rule);
    }
}
