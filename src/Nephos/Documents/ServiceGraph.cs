using System.Reflection;
using System.Text;
using Nephos.Contracts;

namespace Nephos.Documents;

/// <summary>Who asks what of whom: contracts, who answers them and who takes them, read from the assemblies.</summary>
static class ServiceGraph
{
    public static string Text()
    {
        var uses = Uses().ToList();
        var text = new StringBuilder("""
            # Who asks what of whom

            Made by `./nephos docs`: an arrow goes from the project whose classes take a contract to the one that answers it.

            ```mermaid
            graph LR

            """);
        foreach (var arrow in uses.Where(u => u.User != u.Answerer).GroupBy(u => (u.User, u.Answerer)).OrderBy(g => g.Key))
            text.Append($"  {arrow.Key.User} -->|{string.Join(", ", arrow.Select(u => u.Contract.Name).Order(StringComparer.Ordinal))}| {arrow.Key.Answerer}\n");
        text.Append("```\n\n| contract | answered by | taken by |\n| --- | --- | --- |\n");
        foreach (var contract in Contracts)
            text.Append($"| {contract.Name} | {Names(uses.Where(u => u.Contract == contract).Select(u => u.Answerer))} | {Names(uses.Where(u => u.Contract == contract && u.User != u.Answerer).Select(u => u.User))} |\n");
        text.Append("\n| project | refers to |\n| --- | --- |\n");
        foreach (var project in Projects.OrderBy(Name, StringComparer.Ordinal))
            text.Append($"| {Name(project)} | {Names(project.GetReferencedAssemblies().Select(r => r.Name!).Where(r => r.StartsWith("Nephos.", StringComparison.Ordinal)).Select(r => r["Nephos.".Length..]))} |\n");
        return text.ToString();
    }

    static IEnumerable<Type> Contracts => typeof(ITokens).Assembly.GetTypes()
        .Where(t => t.IsInterface && t.Namespace is "Nephos.Contracts" or "Nephos.Contracts.Link").OrderBy(t => t.Name, StringComparer.Ordinal);

    static IEnumerable<Assembly> Projects => typeof(ServiceGraph).Assembly.GetReferencedAssemblies()
        .Where(a => a.Name!.StartsWith("Nephos.", StringComparison.Ordinal)).Select(Assembly.Load).Append(typeof(ServiceGraph).Assembly);

    static IEnumerable<(string User, Type Contract, string Answerer)> Uses()
    {
        var classes = Projects.SelectMany(p => p.GetTypes().Where(t => t.IsClass && !t.IsAbstract).Select(t => (Project: Name(p), Class: t))).ToList();
        foreach (var contract in Contracts)
            foreach (var answerer in classes.Where(c => c.Class.IsAssignableTo(contract)).Select(c => c.Project).Distinct())
                foreach (var user in classes.Where(c => Takes(c.Class, contract)).Select(c => c.Project).Append(answerer).Distinct())
                    yield return (user, contract, answerer);
    }

    /// <summary>By its constructor, alone or several of a kind.</summary>
    static bool Takes(Type type, Type contract) => type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .SelectMany(c => c.GetParameters()).Any(p => p.ParameterType == contract || p.ParameterType.IsGenericType && p.ParameterType.GenericTypeArguments.Contains(contract));

    static string Name(Assembly project) => project.GetName().Name is "nephos" ? "Nephos" : project.GetName().Name!["Nephos.".Length..];

    static string Names(IEnumerable<string> names) => string.Join(", ", names.Distinct().Order(StringComparer.Ordinal));
}
