using Microsoft.Extensions.DependencyInjection;

namespace Nephos.Kernel.Operations;

/// <summary>Registers operations.</summary>
public static class OperationServices
{
    /// <summary>Registers an operation of a service; its runner finds it by the database it names.</summary>
    public static IServiceCollection AddOperation<TOperation>(this IServiceCollection services) where TOperation : Operation =>
        services.AddSingleton<TOperation>().AddSingleton<Operation>(p => p.GetRequiredService<TOperation>());
}
