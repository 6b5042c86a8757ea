using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Kernel.Audit;

namespace Nephos.Kernel.Api;

/// <summary>Registers the API layer. <see cref="ITokens"/> comes from Identity (or a test).</summary>
public static class ApiServices
{
    /// <summary>Adds the gateway; services mount themselves on it with their <c>MapX</c> door.</summary>
    public static IServiceCollection AddApi(this IServiceCollection services, ApiOptions options) => services
        .AddSingleton(options)
        .AddSingleton<ApiMetrics>()
        .AddSingleton(s => new Auditor(s.GetService<IAuditTrail>(), s.GetService<TimeProvider>() ?? TimeProvider.System))
        .AddSingleton(s => new Gateway(
            new Pipeline(s.GetRequiredService<ITokens>(), options, s.GetRequiredService<ApiMetrics>(), s.GetRequiredService<Auditor>(), s.GetRequiredService<ILogger<Pipeline>>()), options));
}
