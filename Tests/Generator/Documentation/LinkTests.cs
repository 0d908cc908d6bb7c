namespace MinRnn.Tests.Generator.Documentation;

/// <summary>What pages link to inside the repository is there: files, folders and headings.</summary>
public class LinkTests
{
    public static TheoryData<string> Pages => [.. Repository.Pages.Select(page => page.Path)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_somewhere(string path)
    {
        var page = Repository.Pages.Single(page => page.Path == path);
        var broken = page.Links
            .Where(link => !link.Target.Contains("://", StringComparison.Ordinal) && !link.Target.StartsWith("mailto:", StringComparison.Ordinal))
            .Where(link => !Exists(page, link.Target))
            .Select(link => $"{path}:{link.Line}: {link.Target}");
        Assert.Empty(broken);
    }

    private static bool Exists(Page page, string target)
    {
        var parts = target.Split('#', 2);
        var path = parts[0].Length == 0 ? page.Path : Path.GetRelativePath(
            Repository.Root, Path.Combine(Path.GetDirectoryName(Repository.File(page.Path))!, parts[0])).Replace('\\', '/');
        if (!Path.Exists(Repository.File(path)))
            return false;
        return parts.Length == 1 || (Repository.Pages.SingleOrDefault(other => other.Path == path)?.HasAnchor(parts[1]) ?? false);
    }
}
