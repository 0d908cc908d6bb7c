using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MinRnn.Samples.Playground.Compilation;
using MinRnn.Samples.Playground.Workers;

namespace MinRnn.Samples.Playground.Server;

/// <summary>The page and its compiler on a port of this machine's own address, which no other machine reaches.</summary>
internal sealed class PlaygroundServer : IAsyncDisposable
{
    /// <summary>A source of the longest kind in UTF-8, escaped, and then some.</summary>
    internal const int LargestBody = 6 * Question.LongestSource;

    /// <summary>
    /// What is read of a longer one, so that who sends it hears why it is refused: past this the connection ends in the midst of it.
    /// </summary>
    private const int MostRead = 8 << 20;

    private const int MostConnections = 64;

    private readonly WebApplication application;
    private readonly WorkerPool workers;

    private PlaygroundServer(WebApplication application, WorkerPool workers) => (this.application, this.workers) = (application, workers);

    /// <summary>Where the page is.</summary>
    public Uri Address => new(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Starts serving.</summary>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <param name="limits">What compiling may take.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<PlaygroundServer> StartAsync(int port, WorkerLimits limits)
    {
        // An empty builder reads neither files nor variables of the environment, which could open other addresses.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, port);
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = MostRead;
            options.Limits.MaxConcurrentConnections = MostConnections;
        });
        builder.Services.AddRoutingCore();
        var application = builder.Build();
        var workers = new WorkerPool(limits);
        application.Use(LocalRequests.Guard);
        application.UseRouting();
        PageFiles.Map(application);
        CompilerEndpoints.Map(application, workers);
        await application.StartAsync();
        _ = workers.WarmAsync();
        return new PlaygroundServer(application, workers);
    }

    /// <summary>Serves until the process is asked to end.</summary>
    public Task WaitAsync() => application.WaitForShutdownAsync();

    /// <summary>Stops serving and ends the workers.</summary>
    public async ValueTask DisposeAsync()
    {
        await application.DisposeAsync();
        await workers.DisposeAsync();
    }
}
