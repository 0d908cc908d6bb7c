using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using MinRnn.Generator.Diagnostics;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Declarations;

/// <summary>A value while a method is followed: a number or condition, or several.</summary>
internal abstract record Value
{
    /// <param name="Node">The node.</param>
    /// <param name="IsCondition">Whether a constant is one of <c>true</c> and <c>false</c>; other nodes say it themselves.</param>
    public sealed record Single(Expr Node, bool IsCondition = false) : Value
    {
        public bool IsLogical => IsCondition || Node.Op.IsCondition;
    }

    public sealed record Several(ImmutableArray<Value> Items) : Value;

    public static Value Select(GraphBuilder graph, Expr condition, Value whenTrue, Value whenFalse) => (whenTrue, whenFalse) switch
    {
        (Single a, Single b) when a.IsLogical || b.IsLogical => new Single(graph.Apply(
            Operators.Or, graph.And(condition, a.Node), graph.And(graph.Not(condition), b.Node))),
        (Single a, Single b) => a.Node == b.Node ? a : new Single(graph.Select(condition, a.Node, b.Node)),
        (Several a, Several b) => new Several([.. a.Items.Zip(b.Items, (x, y) => Select(graph, condition, x, y))]),
        _ => whenTrue,
    };
}

/// <summary>What a cell's methods are read with and into.</summary>
internal sealed record CellContext(INamedTypeSymbol Cell, Compilation Compilation, GraphBuilder Graph, Report Report, CancellationToken Cancellation)
{
    /// <summary>Nodes and statements after which a cell counts as too large; branches that return can double the work.</summary>
    public const int Limit = 20_000;

    /// <summary>Operations one inside another, in source and in the graph: what passes that recurse can take.</summary>
    public const int MaxDepth = 500;

    private int steps;
    private int depth;

    /// <summary>Methods on the way to here, innermost last.</summary>
    public Stack<IMethodSymbol> Calls { get; } = new();

    /// <summary>Fields whose initialisers are being read, innermost last.</summary>
    public Stack<IFieldSymbol> Fields { get; } = new();

    public bool IsTooLarge { get; private set; }

    /// <summary>Whether the C# compiler has refused some of what was read, so that there is nothing more to say of it.</summary>
    public bool HasInvalidCode { get; set; }

    /// <summary>Counts one statement or expression; false when there have been too many.</summary>
    public bool Count()
    {
        Cancellation.ThrowIfCancellationRequested();
        return ++steps <= Limit || TooLarge($"{Limit} operations");
    }

    /// <summary>Counts one expression and goes one deeper; false, without having gone, when that is too much.</summary>
    public bool Enter()
    {
        if (!Count() || (depth >= MaxDepth && !TooLarge($"{MaxDepth} operations one inside another")))
            return false;
        depth++;
        return true;
    }

    public void Leave() => depth--;

    /// <summary>Whether results can be printed and read back: whether no path through them is too long.</summary>
    public bool CheckDepth(IEnumerable<Expr> roots)
    {
        var depths = new Dictionary<Expr, int>();
        foreach (var node in roots.Reachable())
            depths[node] = 1 + node.Operands.Select(operand => depths[operand]).DefaultIfEmpty().Max();
        return depths.Values.DefaultIfEmpty().Max() <= MaxDepth || TooLarge($"{MaxDepth} operations one after another");
    }

    /// <summary>
    /// What a static readonly field is initialised with, where that is what it holds when a cell runs; null otherwise.
    /// </summary>
    public IFieldInitializerOperation? InitializerOf(IFieldSymbol field)
    {
        if (field is not { IsStatic: true, IsReadOnly: true }
            || field.ContainingType.StaticConstructors.Any(constructor => !constructor.IsImplicitlyDeclared)
            || field.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(Cancellation) is not { } syntax
            || !Compilation.ContainsSyntaxTree(syntax.SyntaxTree)
            || Fields.Any(user => IsInitializedBefore(user, field)))
        {
            return null;
        }

        var clause = syntax.ChildNodes().FirstOrDefault();
        return clause is null ? null : Compilation.GetSemanticModel(syntax.SyntaxTree).GetOperation(clause, Cancellation) as IFieldInitializerOperation;
    }

    /// <summary>Whether a field may get its value no later than another, as in another file: read from there, the other is still 0.</summary>
    private static bool IsInitializedBefore(IFieldSymbol field, IFieldSymbol other) =>
        SymbolEqualityComparer.Default.Equals(field, other)
        || (SymbolEqualityComparer.Default.Equals(field.ContainingType, other.ContainingType)
            && (field.Locations[0].SourceTree != other.Locations[0].SourceTree
                || field.Locations[0].SourceSpan.Start < other.Locations[0].SourceSpan.Start));

    private bool TooLarge(string limit)
    {
        if (!IsTooLarge)
            Report.Add(Descriptors.TooLarge, Cell.Locations.FirstOrDefault(), Cell.Name, limit);
        IsTooLarge = true;
        return false;
    }
}

/// <summary>
/// Follows the statements of one method, both ways at each branch, and gives what it returns as a graph.
/// </summary>
internal sealed class MethodBody
{
    /// <summary>What to do in place of throwing.</summary>
    public const string NoException = "give a value for every input; NaN marks what is not valid";

    private readonly CellContext context;
    private readonly ExpressionReader expressions;

    private MethodBody(CellContext context)
    {
        this.context = context;
        expressions = new ExpressionReader(context);
    }

    /// <summary>What the method returns for the given arguments; null if it cannot be followed, which has been reported.</summary>
    public static Value? Follow(CellContext context, IMethodSymbol method, IReadOnlyList<Value> arguments, Location? caller)
    {
        method = method.PartialImplementationPart ?? method;
        if (method.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(context.Cancellation) is not MethodDeclarationSyntax syntax
            || (syntax.Body is null && syntax.ExpressionBody is null))
        {
            context.Report.Add(Descriptors.NoBody, caller ?? method.Locations.FirstOrDefault(), method.Name);
            return null;
        }

        if (context.Calls.Contains(method, SymbolEqualityComparer.Default))
        {
            context.Report.Add(Descriptors.Recursion, caller, method.Name);
            return null;
        }

        var operation = context.Compilation.GetSemanticModel(syntax.SyntaxTree).GetOperation(syntax, context.Cancellation);
        if (operation is not IMethodBodyOperation { } body || (body.BlockBody ?? body.ExpressionBody) is not { } block)
            return null;
        var variables = ImmutableDictionary.Create<ISymbol, Value>(SymbolEqualityComparer.Default);
        for (var i = 0; i < method.Parameters.Length; i++)
            variables = variables.SetItem(method.Parameters[i], arguments[i]);

        context.Calls.Push(method);
        var returned = new MethodBody(context).Run(ImmutableList.CreateRange(block.Operations), ref variables);
        context.Calls.Pop();
        return returned;
    }

    private Value? Run(ImmutableList<IOperation> statements, ref ImmutableDictionary<ISymbol, Value> variables)
    {
        while (!statements.IsEmpty && context.Count())
        {
            var statement = statements[0];
            statements = statements.RemoveAt(0);
            switch (statement)
            {
                case IBlockOperation block:
                    statements = statements.InsertRange(0, block.Operations);
                    break;
                case IReturnOperation { ReturnedValue: { } result }:
                    return expressions.Read(result, ref variables);
                case IVariableDeclarationGroupOperation group:
                    Declare(group, ref variables);
                    break;
                case IExpressionStatementOperation expression:
                    expressions.Read(expression.Operation, ref variables);
                    break;
                case IConditionalOperation branch:
                    if (Branch(branch, statements, ref variables, out var returned))
                        return returned;
                    break;
                case IEmptyOperation:
                    break;
                default:
                    Refuse(statement);
                    break;
            }
        }

        return null;
    }

    /// <summary>Follows both ways. True when the method ends in them, so that what comes after has been followed too.</summary>
    private bool Branch(
        IConditionalOperation branch, ImmutableList<IOperation> rest, ref ImmutableDictionary<ISymbol, Value> variables, out Value? returned)
    {
        returned = null;
        if (expressions.Condition(branch.Condition, ref variables) is not { } condition)
            return false;
        var (taken, other) = (variables, variables);
        var whenTrue = ImmutableList.Create(branch.WhenTrue);
        var whenFalse = branch.WhenFalse is null ? ImmutableList<IOperation>.Empty : ImmutableList.Create(branch.WhenFalse);
        var returns = Returns(branch);
        if (!context.Enter())
            return true;
        var a = Run(returns ? whenTrue.AddRange(rest) : whenTrue, ref taken);
        var b = Run(returns ? whenFalse.AddRange(rest) : whenFalse, ref other);
        context.Leave();
        if (returns)
            returned = a is null || b is null ? a ?? b : Value.Select(context.Graph, condition, a, b);
        else
            variables = expressions.Merge(condition, taken, other);
        return returns;
    }

    private void Declare(IVariableDeclarationGroupOperation group, ref ImmutableDictionary<ISymbol, Value> variables)
    {
        foreach (var declarator in group.Declarations.SelectMany(declaration => declaration.Declarators))
        {
            if (declarator.Symbol.RefKind != RefKind.None)
            {
                context.Report.Add(Descriptors.UnsupportedStatement, declarator.Syntax.GetLocation(), "'ref' locals", "use locals of their own");
                continue;
            }

            if (declarator.GetVariableInitializer() is not { } initializer)
                continue;
            if (expressions.Read(initializer.Value, ref variables) is { } value)
            {
                ExpressionReader.Name(value, declarator.Symbol.Name);
                variables = variables.SetItem(declarator.Symbol, value);
            }
        }
    }

    private static bool Returns(IOperation operation) => operation.DescendantsAndSelf().OfType<IReturnOperation>().Any();

    private void Refuse(IOperation statement)
    {
        var (what, instead) = statement switch
        {
            ILoopOperation => ("loops", "write the repetition out, or use more states"),
            ISwitchOperation => ("switch statements", "use if and else, or '?:'"),
            ITryOperation or IThrowOperation => ("exceptions", NoException),
            IReturnOperation => ("'return' without a value", "let every method give what it computes"),
            IUsingOperation or IUsingDeclarationOperation => ("'using'", "use locals, assignments, if and else, and return"),
            ILocalFunctionOperation => ("local functions", "make it a static method of the cell"),
            _ => ($"'{statement.Syntax.Kind()}'", "use locals, assignments, if and else, and return"),
        };
        context.Report.Add(Descriptors.UnsupportedStatement, statement.Syntax.GetLocation(), what, instead);
    }
}
