using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using MinRnn.Samples.Playground.Compilation;

namespace MinRnn.Samples.Playground.Server;

/// <summary>Serves the page's files, which are in the assembly: a list, and no file system behind it.</summary>
internal static class PageFiles
{
    private const string Folder = "Page/", Start = "index.html";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(WebApplication application)
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            var (name, content) = (resource[Folder.Length..], Read(assembly, resource));
            application.MapMethods("/" + (name == Start ? "" : name), Methods, context => WriteAsync(context, TypeOf(name), content));
        }

        var examples = Examples.ToJson();
        application.MapMethods("/api/examples", Methods, context => WriteAsync(context, "application/json; charset=utf-8", examples));
    }

    private static Task WriteAsync(HttpContext context, string type, byte[] content)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        return context.Response.Body.WriteAsync(content, context.RequestAborted).AsTask();
    }

    private static byte[] Read(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var extension => throw new InvalidOperationException($"The page has a file of type '{extension}'."),
    };
}
