using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace MinRnn.Samples.Playground.Server;

/// <summary>What is said instead of an answer.</summary>
/// <param name="Error">One sentence for the user.</param>
internal sealed record ErrorMessage(string Error);

/// <summary>Writes errors, as JSON with their status.</summary>
internal static class Errors
{
    public static Task WriteAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new ErrorMessage(message), ErrorJson.Default.ErrorMessage);
    }
}

/// <summary>How errors are written.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ErrorMessage))]
internal sealed partial class ErrorJson : JsonSerializerContext;
