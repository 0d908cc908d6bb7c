using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using MinRnn.Samples.Playground.Compilation;

namespace MinRnn.Samples.Playground.Server;

/// <summary>Serves the page's files and the help of diagnostics, which are in the assembly: a list, and no file system behind it.</summary>
internal static class PageFiles
{
    private const string Folder = "Page/", HelpFolder = "Help/", Start = "index.html";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(WebApplication application)
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            var path = resource == Folder + Start ? ""
                : resource.StartsWith(Folder, StringComparison.Ordinal) ? resource[Folder.Length..]
                : resource.StartsWith(HelpFolder, StringComparison.Ordinal) ? "help/" + resource[HelpFolder.Length..]
                : null;
            if (path is null)
                continue;
            var content = Read(assembly, resource);
            application.MapMethods("/" + path, Methods, context => WriteAsync(context, TypeOf(resource), content));
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
        ".md" => "text/markdown; charset=utf-8",
        ".svg" => "image/svg+xml",
        var extension => throw new InvalidOperationException($"The page has a file of type '{extension}'."),
    };
}
