using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning;

/// <summary>Names for the locals of one kernel: the user's own where there are any, else a word for what the value is.</summary>
internal sealed class Names
{
    private static readonly string[] Keywords =
    [
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue",
        "decimal", "default", "delegate", "do", "double", "else", "enum", "event", "explicit", "extern", "false", "finally",
        "fixed", "float", "for", "foreach", "goto", "if", "implicit", "in", "int", "interface", "internal", "is", "lock",
        "long", "namespace", "new", "null", "object", "operator", "out", "override", "params", "private", "protected",
        "public", "readonly", "ref", "return", "sbyte", "sealed", "short", "sizeof", "stackalloc", "static", "string",
        "struct", "switch", "this", "throw", "true", "try", "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort",
        "using", "virtual", "void", "volatile", "while", "scoped", "field", "await", "var", "nint", "nuint", "dynamic",
    ];

    private readonly HashSet<string> taken = new(StringComparer.Ordinal);
    private readonly Dictionary<Expr, string> names = [];

    /// <param name="reserved">Identifiers that the kernel itself uses.</param>
    public Names(IEnumerable<string> reserved) => taken.UnionWith(reserved.Concat(Keywords));

    /// <summary>Whether a word means something to the C# compiler.</summary>
    public static bool IsKeyword(string word) => Keywords.Contains(word);

    public string this[Expr node] => names[node];

    public bool Has(Expr node) => names.ContainsKey(node);

    /// <summary>Gives a node a name that exists already.</summary>
    public void Adopt(Expr node, string name)
    {
        taken.Add(name);
        names[node] = name;
    }

    /// <summary>Gives a node a name made from the wanted one.</summary>
    public string Give(Expr node, string wanted) => names[node] = Unique(wanted);

    /// <summary>Gives a node a name of its own: the user's, or one made of its operator and operand.</summary>
    public string Give(Expr node) => Give(node, node.IsSymbol ? node.Symbol!.Name : node.Hint ?? Describe(node));

    /// <summary>The same for a node that depends on certain symbols alone: where there is but one, it is a word of the name.</summary>
    public string Give(Expr node, IReadOnlyList<Expr> symbols) => node.Hint is null && node.Op.Arity > 1 && symbols.Count == 1
        ? Give(node, names[symbols[0]] + Capital(Describe(node)))
        : Give(node);

    private string Unique(string wanted)
    {
        var name = wanted;
        for (var i = 2; !taken.Add(name); i++)
            name = wanted + i;
        return name;
    }

    private string Describe(Expr node)
    {
        if (node.Op == Operators.Sigmoid && node[0].Op == Operators.Negate)
            return WordFor(node[0][0]) + "Complement";
        if (node.Op.Arity == 1)
            return WordFor(node[0]) + Capital(node.Op.Name);
        return node.Op.Name switch
        {
            "add" => "sum",
            "sub" => "difference",
            "mul" => "product",
            "div" => "quotient",
            "select" => "selected",
            "pow" => "power",
            _ => node.Op.Name + "Value",
        };
    }

    private string WordFor(Expr node) =>
        names.TryGetValue(node, out var name) ? name
        : node.IsSymbol ? node.Symbol!.Name
        : node.Hint ?? (node.Op.Arity == 1 ? WordFor(node[0]) : "sum");

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word.Substring(1);
}
