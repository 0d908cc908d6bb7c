using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using MinRnn.Generator.Diagnostics;
using MinRnn.Generator.Recurrence;
using Variables = System.Collections.Immutable.ImmutableDictionary<
    Microsoft.CodeAnalysis.ISymbol, MinRnn.Generator.Declarations.Value>;

namespace MinRnn.Generator.Declarations;

/// <summary>
/// Reads expressions of the cell language into graph nodes. What is outside the language is reported where it stands, and
/// reads as null.
/// </summary>
internal sealed class ExpressionReader(CellContext context)
{
    private GraphBuilder Graph => context.Graph;

    /// <summary>Lets a value go by the name of the local that holds it.</summary>
    public static void Name(Value value, string name)
    {
        if (value is Value.Single { Node: { IsLeaf: false } node })
            node.Hint ??= name;
    }

    public Expr? Number(IOperation operation, ref Variables variables) => (Read(operation, ref variables) as Value.Single)?.Node;

    public Expr? Condition(IOperation operation, ref Variables variables) => (Read(operation, ref variables) as Value.Single)?.Node;

    public Value? Read(IOperation operation, ref Variables variables)
    {
        if (!context.Count())
            return null;
        if (operation.ConstantValue is { HasValue: true, Value: { } constant } && ConstantOf(constant) is { } number)
            return One(Graph.Constant(number));
        switch (operation)
        {
            case IParenthesizedOperation inner:
                return Read(inner.Operand, ref variables);
            case IConversionOperation conversion:
                return Convert(conversion, ref variables);
            case ILocalReferenceOperation local:
                return variables.TryGetValue(local.Local, out var value) ? value : Refuse(operation, "assign it first");
            case IParameterReferenceOperation parameter:
                return variables.TryGetValue(parameter.Parameter, out var argument) ? argument : Refuse(operation, "assign it first");
            case IFieldReferenceOperation field:
                return Field(field, ref variables);
            case IBinaryOperation binary:
                return Binary(binary, ref variables);
            case IUnaryOperation unary:
                return Unary(unary, ref variables);
            case IConditionalOperation { WhenFalse: { } otherwise } conditional:
                return Conditional(conditional, otherwise, ref variables);
            case IInvocationOperation call:
                return Call(call, ref variables);
            case ITupleOperation tuple:
                return Tuple(tuple.Elements, ref variables);
            case ISimpleAssignmentOperation assignment:
                return Assign(assignment.Target, Read(assignment.Value, ref variables), ref variables);
            case IDeconstructionAssignmentOperation deconstruction:
                return Assign(deconstruction.Target, Read(deconstruction.Value, ref variables), ref variables);
            case ICompoundAssignmentOperation compound:
                return Assign(compound.Target, Arithmetic(compound, compound.OperatorKind, compound.Target, compound.Value, ref variables), ref variables);
            default:
                return Refuse(operation, "use arithmetic, comparisons, '?:' and calls of CellMath");
        }
    }

    private static double? ConstantOf(object constant) => constant switch
    {
        bool condition => condition ? 1 : 0,
        float or double or int or uint or long or ulong or short or ushort or byte or sbyte =>
            System.Convert.ToDouble(constant, CultureInfo.InvariantCulture),
        _ => null,
    };

    private static Value One(Expr node) => new Value.Single(node);

    private Value? Convert(IConversionOperation conversion, ref Variables variables)
    {
        var (from, to) = (conversion.Operand.Type?.SpecialType, conversion.Type?.SpecialType);
        var fromSign = from == SpecialType.System_Int32 && to == SpecialType.System_Single;
        if (from == to || fromSign || conversion.Type is INamedTypeSymbol { IsTupleType: true })
            return Read(conversion.Operand, ref variables);
        if (to == SpecialType.System_Double || from == SpecialType.System_Double)
            return RefuseDouble(conversion);
        return Refuse(conversion, "cells compute in float alone");
    }

    private Value? Field(IFieldReferenceOperation reference, ref Variables variables)
    {
        if (reference.Instance is { } instance)
        {
            if (Read(instance, ref variables) is not Value.Several several || instance.Type is not INamedTypeSymbol { IsTupleType: true } tuple)
                return Refuse(reference, "use locals, parameters and constants");
            var index = tuple.TupleElements.ToList().FindIndex(element =>
                element.Name == reference.Field.Name || element.CorrespondingTupleField?.Name == reference.Field.Name);
            return several.Items[index];
        }

        var field = reference.Field;
        if (field.Type.SpecialType == SpecialType.System_Double)
            return RefuseDouble(reference);
        if (field is { IsStatic: true, IsReadOnly: true }
            && field.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(context.Cancellation) is { } syntax
            && context.Compilation.GetSemanticModel(syntax.SyntaxTree) is { } model
            && syntax.ChildNodes().FirstOrDefault() is { } clause
            && model.GetOperation(clause, context.Cancellation) is IFieldInitializerOperation initializer)
        {
            var none = Variables.Empty;
            return Read(initializer.Value, ref none);
        }

        context.Report.Add(Descriptors.NotConstant, reference.Syntax.GetLocation(), field.Name);
        return null;
    }

    private Value? Binary(IBinaryOperation binary, ref Variables variables) =>
        Arithmetic(binary, binary.OperatorKind, binary.LeftOperand, binary.RightOperand, ref variables);

    private Value? Arithmetic(IOperation operation, BinaryOperatorKind kind, IOperation leftOperand, IOperation rightOperand, ref Variables variables)
    {
        if (operation.Type?.SpecialType == SpecialType.System_Double || leftOperand.Type?.SpecialType == SpecialType.System_Double)
            return RefuseDouble(operation);
        if (Number(leftOperand, ref variables) is not { } left || Number(rightOperand, ref variables) is not { } right)
            return null;
        switch (kind)
        {
            case BinaryOperatorKind.Add:
                return One(Graph.Add(left, right));
            case BinaryOperatorKind.Subtract:
                return One(Graph.Subtract(left, right));
            case BinaryOperatorKind.Multiply:
                return One(Graph.Multiply(left, right));
            case BinaryOperatorKind.Divide:
                return One(Graph.Divide(left, right));
            case BinaryOperatorKind.LessThan:
                return One(Graph.Less(left, right));
            case BinaryOperatorKind.LessThanOrEqual:
                return One(Graph.LessOrEqual(left, right));
            case BinaryOperatorKind.GreaterThan:
                return One(Graph.Less(right, left));
            case BinaryOperatorKind.GreaterThanOrEqual:
                return One(Graph.LessOrEqual(right, left));
            case BinaryOperatorKind.Equals when leftOperand.Type?.SpecialType == SpecialType.System_Single:
                return One(Graph.Equal(left, right));
            case BinaryOperatorKind.NotEquals when leftOperand.Type?.SpecialType == SpecialType.System_Single:
                return One(Graph.Not(Graph.Equal(left, right)));
            case BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.And when IsBool(operation):
                return One(Graph.And(left, right));
            case BinaryOperatorKind.ConditionalOr or BinaryOperatorKind.Or when IsBool(operation):
                return One(Graph.Apply(Operators.Or, left, right));
            default:
                return Refuse(operation, "use + - * /, comparisons of floats, && || and !");
        }
    }

    private Value? Unary(IUnaryOperation unary, ref Variables variables)
    {
        if (unary.Type?.SpecialType == SpecialType.System_Double)
            return RefuseDouble(unary);
        if (Number(unary.Operand, ref variables) is not { } operand)
            return null;
        return unary.OperatorKind switch
        {
            UnaryOperatorKind.Minus => One(Graph.Negate(operand)),
            UnaryOperatorKind.Plus => One(operand),
            UnaryOperatorKind.Not when IsBool(unary) => One(Graph.Not(operand)),
            _ => Refuse(unary, "use + - * /, comparisons of floats, && || and !"),
        };
    }

    private static bool IsBool(IOperation operation) => operation.Type?.SpecialType == SpecialType.System_Boolean;

    private Value? Conditional(IConditionalOperation conditional, IOperation otherwise, ref Variables variables)
    {
        if (conditional.Type?.SpecialType == SpecialType.System_Double)
            return RefuseDouble(conditional);
        if (Condition(conditional.Condition, ref variables) is not { } condition
            || Read(conditional.WhenTrue, ref variables) is not { } a
            || Read(otherwise, ref variables) is not { } b)
        {
            return null;
        }

        return Value.Select(Graph, condition, a, b);
    }

    private Value? Call(IInvocationOperation call, ref Variables variables)
    {
        var method = call.TargetMethod;
        var arguments = new List<Value>();
        foreach (var argument in call.Arguments.OrderBy(argument => argument.Parameter?.Ordinal))
        {
            if (argument.Parameter is not { RefKind: RefKind.None })
                return RefuseCall(call, "pass arguments by value");
            if (argument.Value.Type?.SpecialType == SpecialType.System_Double)
                return RefuseDouble(call, Functions.Suggestion(method));
            if (Read(argument.Value, ref variables) is not { } value)
                return null;
            arguments.Add(value);
        }

        if (Functions.Find(method) is { } function && arguments.All(argument => argument is Value.Single))
            return One(function(Graph, [.. arguments.Select(argument => ((Value.Single)argument).Node)]));
        if (!SymbolEqualityComparer.Default.Equals(method.ContainingType, context.Cell))
            return RefuseCall(call, Functions.Suggestion(method));
        return method is { IsStatic: true, IsGenericMethod: false }
            ? MethodBody.Follow(context, method, arguments, call.Syntax.GetLocation())
            : RefuseCall(call, "call static methods that are not generic");
    }

    private Value? Tuple(IEnumerable<IOperation> elements, ref Variables variables)
    {
        var values = new List<Value>();
        foreach (var element in elements)
        {
            if (Read(element, ref variables) is not { } value)
                return null;
            values.Add(value);
        }

        return new Value.Several([.. values]);
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
            case (ITupleOperation tuple, Value.Several several) when tuple.Elements.Length == several.Items.Length:
                for (var i = 0; i < several.Items.Length; i++)
                    Assign(tuple.Elements[i], several.Items[i], ref variables);
                return value;
            case (ILocalReferenceOperation local, _):
                Name(value, local.Local.Name);
                variables = variables.SetItem(local.Local, value);
                return value;
            case (IParameterReferenceOperation parameter, _):
                variables = variables.SetItem(parameter.Parameter, value);
                return value;
            default:
                return Refuse(target, "assign to locals and parameters");
        }
    }

    private Value? Refuse(IOperation operation, string instead)
    {
        context.Report.Add(Descriptors.UnsupportedExpression, operation.Syntax.GetLocation(), Shorten(operation), instead);
        return null;
    }

    private Value? RefuseCall(IInvocationOperation call, string instead)
    {
        context.Report.Add(Descriptors.UnsupportedCall, call.Syntax.GetLocation(),
            $"{call.TargetMethod.ContainingType?.Name}.{call.TargetMethod.Name}", instead);
        return null;
    }

    private Value? RefuseDouble(IOperation operation, string? instead = null)
    {
        context.Report.Add(Descriptors.NotFloat, operation.Syntax.GetLocation(), "double",
            instead ?? "write float literals (0.5f) and the functions of CellMath or MathF");
        return null;
    }

    private static string Shorten(IOperation operation)
    {
        var text = operation.Syntax.ToString();
        return text.Length <= 40 ? text : text.Substring(0, 37) + "...";
    }
}
