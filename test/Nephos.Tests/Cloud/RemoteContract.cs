using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;

namespace Nephos.Tests.Cloud;

/// <summary>A contract as if it were answered by another process: everything goes through JSON, both ways; faults arrive as faults.</summary>
public class RemoteContract<T> : DispatchProxy where T : class
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    T target = null!;

    internal static T To(T target)
    {
        var proxy = Create<T, RemoteContract<T>>();
        ((RemoteContract<T>)(object)proxy).target = target;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var parameters = targetMethod!.GetParameters();
        var sent = args!.Select((value, i) => Copied(value, parameters[i].ParameterType)).ToArray();
        object answer;
        try { answer = targetMethod.Invoke(target, sent)!; }
        catch (TargetInvocationException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
        var type = targetMethod.ReturnType;
        if (type == typeof(Task)) return Ended((Task)answer);
        var name = type.GetGenericTypeDefinition() == typeof(ValueTask<>) ? nameof(Received) : nameof(Read);
        return typeof(RemoteContract<T>).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type.GetGenericArguments()).Invoke(null, [answer]);
    }

    static async Task Ended(Task answer)
    {
        try { await answer; }
        catch (Fault fault) { throw Wire(fault); }
    }

    static async Task<TResult> Read<TResult>(Task<TResult> answer)
    {
        try { return (TResult)Copied(await answer, typeof(TResult))!; }
        catch (Fault fault) { throw Wire(fault); }
    }

    static async ValueTask<TResult> Received<TResult>(ValueTask<TResult> answer) => await Read(answer.AsTask());

    // What a process boundary would let through of a fault.
    static Fault Wire(Fault fault) => new(fault.Kind, fault.Name, fault.Message);

    /// <summary>Streams and cancellation have their own ways over a wire; all else is data.</summary>
    static object? Copied(object? value, Type type) => value is null or Stream or CancellationToken ? value
        : JsonSerializer.Deserialize(JsonSerializer.Serialize(value, type, Json), type, Json);
}

/// <summary>Puts a process boundary's worth of JSON under every contract between services.</summary>
static class RemoteContracts
{
    /// <summary>The contracts that a provider hands out as if they were remote.</summary>
    public static IEnumerable<string> In(IServiceProvider parts) => Contracts.Where(c => parts.GetService(c) is DispatchProxy).Select(c => c.Name);

    static IEnumerable<Type> Contracts => typeof(INetworks).Assembly.GetExportedTypes().Where(t => t is { IsInterface: true, Namespace: "Nephos.Contracts" });

    public static void Between(IServiceCollection services)
    {
        var contracts = Contracts.ToHashSet();
        for (var i = 0; i < services.Count; i++)
            if (contracts.Contains(services[i].ServiceType))
                services[i] = (ServiceDescriptor)typeof(RemoteContracts).GetMethod(nameof(Behind), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(services[i].ServiceType).Invoke(null, [services[i]])!;
    }

    static ServiceDescriptor Behind<T>(ServiceDescriptor direct) where T : class => ServiceDescriptor.Singleton(provider => RemoteContract<T>.To((T)(
        direct.ImplementationInstance ?? direct.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, direct.ImplementationType!))));
}
