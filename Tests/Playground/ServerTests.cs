using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MinRnn.Samples.Playground.Server;
using MinRnn.Samples.Playground.Workers;

namespace MinRnn.Tests.Playground;

/// <summary>A server without a browser.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private PlaygroundServer? server;

    internal Uri Address => server!.Address;

    internal HttpClient Client { get; } = new();

    public async Task InitializeAsync()
    {
        server = await PlaygroundServer.StartAsync(0, WorkerLimits.Default with { Workers = 1, Time = TimeSpan.FromSeconds(120) });
        Client.BaseAddress = Address;
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await server!.DisposeAsync();
    }
}

/// <summary>What the server answers to whom.</summary>
public class ServerTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Cell =
        "[MinRnn.RecurrentCell] public static partial class Leak { public static float Step([MinRnn.State] float h, float x) => 0.5f * h + x; }";

    [Fact]
    public async Task The_page_comes_with_a_policy_that_allows_nothing_from_elsewhere()
    {
        foreach (var path in new[] { "/", "/page.js", "/page.css", "/icon.svg", "/api/examples" })
        {
            using var response = await server.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.StartsWith("default-src 'none'; script-src 'self'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        }

        using var missing = await server.Client.GetAsync("/../MinRnnGen.sln");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task A_cell_is_compiled_for_the_page()
    {
        using var response = await AskAsync(Question(Cell));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"name\":\"LeakLayer\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>A name that a stranger's server resolves to this machine, and pages of other sites.</summary>
    [Theory]
    [InlineData("evil.example", null, HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.evil.example", null, HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1:1", null, HttpStatusCode.Forbidden)]
    [InlineData("localhost:8080", "http://localhost:8080", HttpStatusCode.OK)]
    [InlineData(null, "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData(null, "http://localhost:1", HttpStatusCode.Forbidden)]
    [InlineData(null, "null", HttpStatusCode.Forbidden)]
    [InlineData(null, "", HttpStatusCode.Forbidden)]
    public async Task Only_the_own_page_is_served(string? host, string? origin, HttpStatusCode status)
    {
        using var response = await AskAsync(Question(Cell), host, origin);
        Assert.Equal(status, response.StatusCode);
        if (status != HttpStatusCode.OK)
            Assert.Contains("\"error\":", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain", "{}", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", "{", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "null", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "{}", HttpStatusCode.BadRequest)]
    [InlineData("application/json", """{ "source": "", "levels": { "x": null } }""", HttpStatusCode.BadRequest)]
    [InlineData("application/json", """{ "source": 1 }""", HttpStatusCode.BadRequest)]
    public async Task What_is_no_question_is_refused(string type, string body, HttpStatusCode status)
    {
        using var response = await AskAsync(new StringContent(body, Encoding.UTF8, type));
        Assert.Equal(status, response.StatusCode);
    }

    [Theory]
    [InlineData(20_001)]
    [InlineData(1_000_000)]
    [InlineData(7_000_000)]
    public async Task Long_sources_are_refused(int length)
    {
        using var response = await AskAsync(Question(new string(' ', length)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Other_addresses_of_this_machine_do_not_listen()
    {
        var others = (await Dns.GetHostAddressesAsync(Dns.GetHostName(), AddressFamily.InterNetwork)).Where(address => !IPAddress.IsLoopback(address));
        foreach (var address in others)
        {
            using var socket = new TcpClient();
            await Assert.ThrowsAnyAsync<SocketException>(() => socket.ConnectAsync(address, server.Address.Port));
        }

        Assert.Equal("127.0.0.1", server.Address.Host);
    }

    private static StringContent Question(string source) => new(JsonSerializer.Serialize(new { source }), Encoding.UTF8, "application/json");

    private async Task<HttpResponseMessage> AskAsync(HttpContent content, string? host = null, string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/compile") { Content = content };
        request.Headers.Host = host;
        request.Headers.TryAddWithoutValidation("Origin", origin ?? server.Address.GetLeftPart(UriPartial.Authority));
        return await server.Client.SendAsync(request);
    }
}
