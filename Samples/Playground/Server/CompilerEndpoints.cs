using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using MinRnn.Samples.Playground.Compilation;
using MinRnn.Samples.Playground.Workers;

namespace MinRnn.Samples.Playground.Server;

/// <summary>Takes questions of the page to a worker.</summary>
internal static class CompilerEndpoints
{
    private const string TooLong = "The question is too long.";

    public static void Map(WebApplication application, WorkerPool workers)
    {
        application.MapPost("/api/compile", context => AnswerAsync(context, workers, QuestionKind.Compile));
        application.MapPost("/api/ptx", context => AnswerAsync(context, workers, QuestionKind.Ptx));
    }

    private static async Task AnswerAsync(HttpContext context, WorkerPool workers, QuestionKind kind)
    {
        try
        {
            if (await ReadAsync(context) is not { } question)
                return;
            var answer = await workers.AskAsync(question with { Kind = kind }, context.RequestAborted);
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(answer, context.RequestAborted);
        }
        catch (WorkerException exception)
        {
            await Errors.WriteAsync(context, StatusOf(exception.Failure), exception.Message);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for the answer.
        }
    }

    /// <summary>The question; null where an error was written instead.</summary>
    private static async Task<Question?> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
            return await RefuseAsync(StatusCodes.Status415UnsupportedMediaType, "A question is JSON.");
        if (context.Request.ContentLength > PlaygroundServer.LargestBody)
            return await RefuseAsync(StatusCodes.Status413PayloadTooLarge, TooLong);
        Question? question;
        try
        {
            question = await context.Request.ReadFromJsonAsync(Json.Default.Question, context.RequestAborted);
        }
        catch (JsonException)
        {
            return await RefuseAsync(StatusCodes.Status400BadRequest, "The question cannot be read.");
        }
        catch (BadHttpRequestException exception)
        {
            return await RefuseAsync(exception.StatusCode, TooLong);
        }

        if (question?.Source is null || question.Levels?.Values.Any(level => level is null) == true)
            return await RefuseAsync(StatusCodes.Status400BadRequest, "The question has no source, or no value where one is wanted.");
        if (question.Source.Length > Question.LongestSource || question.Levels?.Count > Question.MostLevels)
        {
            return await RefuseAsync(
                StatusCodes.Status413PayloadTooLarge, $"The source has {question.Source.Length} characters; at most {Question.LongestSource} are compiled here.");
        }

        return question;

        async Task<Question?> RefuseAsync(int status, string message)
        {
            await Errors.WriteAsync(context, status, message);
            return null;
        }
    }

    private static int StatusOf(WorkerFailure failure) => failure switch
    {
        WorkerFailure.Busy => StatusCodes.Status503ServiceUnavailable,
        WorkerFailure.Time => StatusCodes.Status504GatewayTimeout,
        WorkerFailure.Memory or WorkerFailure.Refused => StatusCodes.Status422UnprocessableEntity,
        _ => StatusCodes.Status502BadGateway,
    };
}
