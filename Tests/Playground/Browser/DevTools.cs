using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MinRnn.Tests.Playground.Browser;

/// <summary>Chromium's DevTools protocol over its WebSocket: commands with answers, and events.</summary>
internal sealed class DevTools : IAsyncDisposable
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(60);
    private readonly ClientWebSocket socket;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> pending = new();
    private readonly SemaphoreSlim sending = new(1);
    private readonly Task receiving;
    private int last;

    private DevTools(ClientWebSocket socket)
    {
        this.socket = socket;
        receiving = ReceiveAsync();
    }

    /// <summary>Raised with the session, the event's name and its parameters.</summary>
    public event Action<string, string, JsonNode>? Happened;

    public static async Task<DevTools> ConnectAsync(Uri address)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(address, CancellationToken.None);
        return new DevTools(socket);
    }

    /// <summary>Sends a command and gives its result.</summary>
    /// <exception cref="InvalidOperationException">Chromium refuses it.</exception>
    public async Task<JsonNode> SendAsync(string method, JsonObject? parameters = null, string? session = null)
    {
        var id = Interlocked.Increment(ref last);
        var answer = pending[id] = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (session is not null)
            message["sessionId"] = session;
        await sending.WaitAsync();
        try
        {
            await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            sending.Release();
        }

        var reply = await answer.Task.WaitAsync(AnswerTime);
        return reply["error"] is { } error ? throw new InvalidOperationException($"{method}: {error}") : reply["result"]!;
    }

    public async ValueTask DisposeAsync()
    {
        socket.Abort();
        await receiving;
        socket.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (true)
            {
                using var message = new MemoryStream();
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                    message.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);
                Handle(JsonNode.Parse(message.GetBuffer().AsSpan(0, (int)message.Length))!);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or JsonException)
        {
            foreach (var waiting in pending.Values)
                waiting.TrySetException(new InvalidOperationException("Chromium is gone.", exception));
        }
    }

    private void Handle(JsonNode message)
    {
        if (message["id"] is { } id && pending.TryRemove((int)id, out var waiting))
            waiting.SetResult(message);
        else if (message["method"] is { } method)
            Happened?.Invoke((string?)message["sessionId"] ?? "", (string)method!, message["params"]!);
    }
}
