namespace MinRnn.Tests.Generator.Documentation;

/// <summary>Pages are read as they are shown.</summary>
public class PageTests
{
    [Fact]
    public void Blocks_have_their_language_words_text_and_place()
    {
        var page = Page.Parse("page.md",
            """
            # Title

            ```csharp MRNN2008,MRNN2009 Debug
            var x = 1;

              x++;
            ```

            1. In a list:

               ````xml
               <a>
               ```
               </a>
               ````

            ~~~
            plain
            ~~~
            """);
        Assert.Equal([3, 11, 17], page.Blocks.Select(block => block.Line));
        Assert.Equal(["csharp", "xml", ""], page.Blocks.Select(block => block.Language));
        Assert.Equal(["MRNN2008,MRNN2009", "Debug"], page.Blocks[0].Words);
        Assert.Equal(["var x = 1;\n\n  x++;\n", "<a>\n```\n</a>\n", "plain\n"], page.Blocks.Select(block => block.Text));
    }

    [Fact]
    public void What_is_given_belongs_to_the_next_block_alone()
    {
        var page = Page.Parse("page.md",
            """
            <!-- given var a = 1; -->
            ```csharp
            a++;
            ```
            ```csharp
            ```
            <!-- given
            var b = 1;
            -->

            ```csharp
            b++;
            ```
            <!-- given var c = 1; -->
            Some words.
            <!-- given is not the first word here -->
            <!-- a comment of another kind -->
            ```csharp
            ```
            """);
        Assert.Equal([" var a = 1; ", "", "\nvar b = 1;\n", " is not the first word here "], page.Blocks.Select(block => block.Given));
        Assert.Equal([1, 7], page.Blocks.Where(block => block.Given.Contains('=')).Select(block => block.GivenLine));
    }

    [Theory]
    [InlineData("text\n```csharp\nvar x = 1;\n")]
    [InlineData("```\n~~~\n")]
    [InlineData("````\n```\n")]
    [InlineData("<!-- given var x = 1;\n")]
    public void What_has_no_end_is_an_error(string text) =>
        Assert.Contains("page.md:", Assert.Throws<FormatException>(() => Page.Parse("page.md", text)).Message);

    [Fact]
    public void Headings_have_the_anchors_of_GitHub()
    {
        var page = Page.Parse("page.md", "# What `Step` takes, and why\n## [NaN](a.md) and ±∞\n# Same\n# Same\n#No heading\n```\n# code\n```\n");
        Assert.Equal(["what-step-takes-and-why", "nan-and-", "same", "same-1"], page.Headings.Select(heading => heading.Anchor));
    }

    [Fact]
    public void Links_are_found_outside_of_code()
    {
        var page = Page.Parse("page.md", "[a](b.md#c) ![d](e.svg) `[f](g)` <img src=\"h.png\">\n```\n[i](j)\n```\n[k `l`](m)\n");
        Assert.Equal([(1, "b.md#c"), (1, "e.svg"), (1, "h.png"), (5, "m")], page.Links.Select(link => (link.Line, link.Target)));
    }

    [Fact]
    public void Every_kind_of_page_is_read()
    {
        Assert.Contains(Repository.Pages, page => page.Path == "README.md");
        Assert.Contains(Repository.Pages, page => page.Path.StartsWith("docs/", StringComparison.Ordinal));
    }
}
