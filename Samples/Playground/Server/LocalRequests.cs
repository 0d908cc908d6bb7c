using Microsoft.AspNetCore.Http;

namespace MinRnn.Samples.Playground.Server;

/// <summary>
/// Lets through what this machine's browser asks for this page: other sites must not use the server, neither from their own pages nor
/// under a name of theirs that leads here.
/// </summary>
internal static class LocalRequests
{
    private static readonly string[] Names = ["localhost", "127.0.0.1"];

    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static Task Guard(HttpContext context, RequestDelegate next)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";

        // The port may be another machine's that leads here through a tunnel; names are what a stranger can choose.
        if (!Names.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase))
            return Errors.WriteAsync(context, StatusCodes.Status421MisdirectedRequest, $"This server is not '{request.Host}'.");
        var origin = request.Headers.Origin.ToString();
        var isSame = origin == $"http://{request.Host}";
        if (HttpMethods.IsPost(request.Method) ? !isSame : origin.Length > 0 && !isSame)
            return Errors.WriteAsync(context, StatusCodes.Status403Forbidden, "Only the playground's own page may ask.");
        return next(context);
    }
}
