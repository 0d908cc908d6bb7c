using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using MinRnn.Generator.Recurrence;
using Variables = System.Collections.Immutable.ImmutableDictionary<
    Microsoft.CodeAnalysis.ISymbol, MinRnn.Generator.Declarations.Value>;

namespace MinRnn.Generator.Declarations;

/// <summary>What expressions do to variables: assignments, and what is left of them where two ways meet.</summary>
internal sealed partial class ExpressionReader
{
    /// <summary>Lets a value go by the name of the local that holds it.</summary>
    public static void Name(Value value, string name)
    {
        if (value is Value.Single { Node: { IsLeaf: false } node })
            node.Hint ??= name;
    }

    /// <summary>The variables after two ways of which a condition takes one.</summary>
    public Variables Merge(Expr condition, Variables whenTrue, Variables whenFalse)
    {
        // What only one way assigns is read only where C# knows that the execution came by it.
        var merged = whenTrue.AddRange(whenFalse.Where(entry => !whenTrue.ContainsKey(entry.Key)));

        // In order of declaration: names go to nodes first come, first served, and symbols hash differently in every run.
        foreach (var entry in whenTrue.OrderBy(entry => entry.Key.Locations.FirstOrDefault()?.SourceSpan.Start ?? 0))
        {
            if (whenFalse.TryGetValue(entry.Key, out var otherwise) && !ReferenceEquals(entry.Value, otherwise))
            {
                var value = Value.Select(Graph, condition, entry.Value, otherwise);
                Name(value, entry.Key.Name);
                merged = merged.SetItem(entry.Key, value);
            }
        }

        return merged;
    }

    /// <summary>The value after it for <c>++x</c>, before it for <c>x++</c>.</summary>
    private Value? Increment(IIncrementOrDecrementOperation increment, ref Variables variables)
    {
        if (increment.Type?.SpecialType != SpecialType.System_Single)
            return Refuse(increment, "count in float, if at all");
        if (Number(increment.Target, ref variables) is not { } before)
            return null;
        var one = Graph.Constant(1);
        var after = increment.Kind == OperationKind.Increment ? Graph.Add(before, one) : Graph.Subtract(before, one);
        return Assign(increment.Target, One(after), ref variables) is { } assigned && !increment.IsPostfix ? assigned : One(before);
    }

    private Value? Assign(IOperation target, Value? value, ref Variables variables)
    {
        switch (target, value)
        {
            case (_, null):
                return null;
            case (IDeclarationExpressionOperation declaration, _):
                return Assign(declaration.Expression, value, ref variables);
            case (IDiscardOperation, _):
                return value;
            case (ITupleOperation targets, Value.Several several) when targets.Elements.Length == several.Items.Length:
                for (var i = 0; i < several.Items.Length; i++)
                    Assign(targets.Elements[i], several.Items[i], ref variables);
                return value;
            case (ILocalReferenceOperation local, _):
                Name(value, local.Local.Name);
                variables = variables.SetItem(local.Local, value);
                return value;
            case (IParameterReferenceOperation parameter, _):
                variables = variables.SetItem(parameter.Parameter, value);
                return value;
            case (IFieldReferenceOperation { Instance: { } instance } field, _) when ElementOf(field) is { } element:
                if (Read(instance, ref variables) is not Value.Several tuple)
                    return null;
                Assign(instance, new Value.Several(tuple.Items.SetItem(element, value)), ref variables);
                return value;
            default:
                return Refuse(target, "assign to locals and parameters");
        }
    }

    /// <summary>The place of the tuple element that a field is; null for any other field.</summary>
    private static int? ElementOf(IFieldReferenceOperation reference)
    {
        if (reference.Instance?.Type is not INamedTypeSymbol { IsTupleType: true } tuple)
            return null;
        var index = tuple.TupleElements.ToList().FindIndex(element =>
            element.Name == reference.Field.Name || element.CorrespondingTupleField?.Name == reference.Field.Name);
        return index < 0 ? null : index;
    }
}
