using System.Collections.Generic;
using System.Collections.Immutable;
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
internal sealed partial class ExpressionReader(CellContext context)
{
    private const string UseFloat = "write float literals (0.5f) and the functions of CellMath or MathF";

    private GraphBuilder Graph => context.Graph;

    public Expr? Number(IOperation operation, ref Variables variables) => (Read(operation, ref variables) as Value.Single)?.Node;

    public Expr? Condition(IOperation operation, ref Variables variables) => (Read(operation, ref variables) as Value.Single)?.Node;

    public Value? Read(IOperation operation, ref Variables variables)
    {
        if (!context.Enter())
            return null;
        var value = ReadNode(operation, ref variables);
        context.Leave();
        return value;
    }

    private Value? ReadNode(IOperation operation, ref Variables variables)
    {
        if (operation.ConstantValue is { HasValue: true, Value: { } constant } && ConstantOf(constant) is { } number)
            return new Value.Single(Graph.Constant(number), IsCondition: constant is bool);
        if (IsUserDefined(operation))
            return Refuse(operation, "use the operators and conversions that C# has of its own");
        switch (operation)
        {
            case IParenthesizedOperation inner:
                return Read(inner.Operand, ref variables);
            case IConversionOperation conversion:
                return Convert(conversion, ref variables);
            case ILocalReferenceOperation local:
                return variables.TryGetValue(local.Local, out var value) ? value : Unassigned(operation);
            case IParameterReferenceOperation parameter:
                return variables.TryGetValue(parameter.Parameter, out var argument) ? argument : Unassigned(operation);
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
            case IIncrementOrDecrementOperation increment:
                return Increment(increment, ref variables);
            default:
                return Refuse(operation, "use arithmetic, comparisons, '?:' and calls of CellMath");
        }
    }

    /// <summary>Whether an operator or a conversion is a method of somebody's, whose numbers are its own.</summary>
    private static bool IsUserDefined(IOperation operation) => operation switch
    {
        IBinaryOperation binary => binary.OperatorMethod,
        IUnaryOperation unary => unary.OperatorMethod,
        ICompoundAssignmentOperation compound => compound.OperatorMethod,
        IIncrementOrDecrementOperation increment => increment.OperatorMethod,
        IConversionOperation conversion => conversion.OperatorMethod,
        _ => null,
    } is not null;

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
        if (conversion.Operand is IThrowOperation)
        {
            context.Report.Add(Descriptors.UnsupportedStatement, conversion.Syntax.GetLocation(), "exceptions", MethodBody.NoException);
            return null;
        }

        var (from, to) = (conversion.Operand.Type?.SpecialType, conversion.Type?.SpecialType);
        if (conversion.Type is INamedTypeSymbol { IsTupleType: true } wanted
            ? conversion.Operand.Type is not INamedTypeSymbol { IsTupleType: true } given || KeepsElements(given, wanted)
            : (from == to && from != SpecialType.None) || IsFromSign(from, to))
        {
            return Read(conversion.Operand, ref variables);
        }

        if (to == SpecialType.System_Double)
            return RefuseDouble(conversion);
        if (from == SpecialType.System_Double)
            return Read(conversion.Operand, ref variables) is null ? null : RefuseDouble(conversion);
        return Refuse(conversion, "cells compute in float alone");
    }

    private static bool KeepsElements(INamedTypeSymbol given, INamedTypeSymbol wanted) =>
        given.TupleElements.Zip(wanted.TupleElements, (from, to) => (From: from.Type, To: to.Type)).All(element =>
            element is { From: INamedTypeSymbol { IsTupleType: true } from, To: INamedTypeSymbol { IsTupleType: true } to }
                ? KeepsElements(from, to)
                : SymbolEqualityComparer.Default.Equals(element.From, element.To)
                    || IsFromSign(element.From.SpecialType, element.To.SpecialType));

    /// <summary>Whether whole numbers become floats, as the signs that a function gives.</summary>
    private static bool IsFromSign(SpecialType? from, SpecialType? to) => from == SpecialType.System_Int32 && to == SpecialType.System_Single;

    private Value? Field(IFieldReferenceOperation reference, ref Variables variables)
    {
        if (reference.Instance is { } instance)
        {
            if (ElementOf(reference) is not { } element)
                return Refuse(reference, "use locals, parameters and constants");
            return (Read(instance, ref variables) as Value.Several)?.Items[element];
        }

        var field = reference.Field;
        if (field.Type.SpecialType == SpecialType.System_Double)
            return RefuseDouble(reference);
        if (context.InitializerOf(field) is { } initializer)
        {
            var none = Variables.Empty;
            context.Fields.Push(field);
            var value = Read(initializer.Value, ref none);
            context.Fields.Pop();
            return value;
        }

        context.Report.Add(Descriptors.NotConstant, reference.Syntax.GetLocation(), field.Name);
        return null;
    }

    private Value? Binary(IBinaryOperation binary, ref Variables variables)
    {
        if (binary.OperatorKind is not (BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr))
            return Arithmetic(binary, binary.OperatorKind, binary.LeftOperand, binary.RightOperand, ref variables);

        // What the right side assigns is assigned only where it is evaluated.
        if (Condition(binary.LeftOperand, ref variables) is not { } left)
            return null;
        var assigned = variables;
        if (Condition(binary.RightOperand, ref assigned) is not { } right)
            return null;
        var isAnd = binary.OperatorKind == BinaryOperatorKind.ConditionalAnd;
        variables = isAnd ? Merge(left, assigned, variables) : Merge(left, variables, assigned);
        return One(isAnd ? Graph.And(left, right) : Graph.Apply(Operators.Or, left, right));
    }

    private Value? Arithmetic(IOperation operation, BinaryOperatorKind kind, IOperation leftOperand, IOperation rightOperand, ref Variables variables)
    {
        if (operation.Type?.SpecialType == SpecialType.System_Double || leftOperand.Type?.SpecialType == SpecialType.System_Double)
            return RefuseDouble(operation);
        if (!IsFloatOrBool(leftOperand) || !IsFloatOrBool(operation))
            return RefuseType(operation, IsFloatOrBool(leftOperand) ? operation.Type : leftOperand.Type);
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
            case BinaryOperatorKind.Equals when !IsBool(leftOperand):
                return One(Graph.Equal(left, right));
            case BinaryOperatorKind.NotEquals when !IsBool(leftOperand):
                return One(Graph.Not(Graph.Equal(left, right)));
            case BinaryOperatorKind.Equals:
                return One(Graph.Not(Differ(left, right)));
            case BinaryOperatorKind.NotEquals:
            case BinaryOperatorKind.ExclusiveOr:
                return One(Differ(left, right));
            case BinaryOperatorKind.And:
                return One(Graph.And(left, right));
            case BinaryOperatorKind.Or:
                return One(Graph.Apply(Operators.Or, left, right));
            default:
                return Refuse(operation, "use + - * /, comparisons of floats, && || and !");
        }
    }

    private Expr Differ(Expr a, Expr b) => Graph.Apply(Operators.Or, Graph.And(a, Graph.Not(b)), Graph.And(Graph.Not(a), b));

    private Value? Unary(IUnaryOperation unary, ref Variables variables)
    {
        if (unary.Type?.SpecialType == SpecialType.System_Double)
            return RefuseDouble(unary);
        if (!IsFloatOrBool(unary))
            return RefuseType(unary, unary.Type);
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

    private static bool IsFloatOrBool(IOperation operation) => IsBool(operation) || operation.Type?.SpecialType == SpecialType.System_Single;

    private Value? Conditional(IConditionalOperation conditional, IOperation otherwise, ref Variables variables)
    {
        if (conditional.Type?.SpecialType == SpecialType.System_Double)
            return RefuseDouble(conditional);
        if (Condition(conditional.Condition, ref variables) is not { } condition)
            return null;
        var (taken, other) = (variables, variables);
        if (Read(conditional.WhenTrue, ref taken) is not { } a || Read(otherwise, ref other) is not { } b)
            return null;
        variables = Merge(condition, taken, other);
        return Value.Select(Graph, condition, a, b);
    }

    private Value? Call(IInvocationOperation call, ref Variables variables)
    {
        var method = call.TargetMethod;
        foreach (var argument in call.Arguments)
        {
            if (argument.Parameter is not { RefKind: RefKind.None })
                return RefuseCall(call, "pass arguments by value");
            if (argument.Value.Type?.SpecialType == SpecialType.System_Double)
                return RefuseDouble(call, Functions.Suggestion(method));
        }

        // A call that cannot be one is refused for itself, whatever it is given.
        var function = Functions.Find(method);
        if (function is null && Obstacle(call) is { } instead)
            return RefuseCall(call, instead);

        // As they are evaluated, which names may make another order than the parameters'.
        var arguments = new Value[call.Arguments.Length];
        foreach (var argument in call.Arguments)
        {
            if (Read(argument.Value, ref variables) is not { } value)
                return null;
            arguments[argument.Parameter!.Ordinal] = value;
        }

        return function is null
            ? MethodBody.Follow(context, method, arguments, call.Syntax.GetLocation())
            : One(function(Graph, [.. arguments.Select(argument => ((Value.Single)argument).Node)]));
    }

    /// <summary>What to do instead of a call of a method that cannot be followed; null where it can.</summary>
    private string? Obstacle(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        var isOwn = SymbolEqualityComparer.Default.Equals(method.ContainingType, context.Cell) && method.MethodKind != MethodKind.LocalFunction;
        if (!isOwn && SymbolEqualityComparer.Default.Equals(DeclaringType(method), context.Cell))
            return "make it a static method of the cell";
        if (!isOwn)
            return Functions.Suggestion(method);
        if (method is not { IsStatic: true, IsGenericMethod: false })
            return "call static methods that are not generic";
        return method.Parameters.Any(parameter => parameter.IsParams) ? "give it a parameter for each number, not 'params'" : null;
    }

    /// <summary>The class that a method is declared in: an extension block in it is a type of its own, without a name.</summary>
    private static INamedTypeSymbol? DeclaringType(IMethodSymbol method) =>
        method.ContainingType is { Name.Length: 0, ContainingType: { } around } ? around : method.ContainingType;

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

    /// <summary>C# itself refuses a local that is not assigned, unless what assigns it has been refused.</summary>
    private Value? Unassigned(IOperation operation) =>
        context.Report.HasErrors || context.HasInvalidCode ? null : Refuse(operation, "assign it first");

    /// <summary>Whether the C# compiler has refused an expression itself, and said why.</summary>
    private bool IsInvalid(IOperation operation)
    {
        if (!operation.DescendantsAndSelf().Any(inner => inner is IInvalidOperation || inner.Type?.TypeKind == TypeKind.Error))
            return false;
        context.HasInvalidCode = true;
        return true;
    }

    private Value? Refuse(IOperation operation, string instead)
    {
        if (IsInvalid(operation))
            return null;
        context.Report.Add(Descriptors.UnsupportedExpression, operation.Syntax.GetLocation(), Shorten(operation), instead);
        return null;
    }

    private Value? RefuseCall(IInvocationOperation call, string instead)
    {
        if (IsInvalid(call))
            return null;
        context.Report.Add(Descriptors.UnsupportedCall, call.Syntax.GetLocation(), Properties(call),
            $"{DeclaringType(call.TargetMethod)?.Name}.{call.TargetMethod.Name}", instead);
        return null;
    }

    private Value? RefuseDouble(IOperation operation, string? instead = null)
    {
        if (IsInvalid(operation))
            return null;
        var source = SourceOfDouble(operation);
        if (source != operation && source is IInvocationOperation call)
            instead = Functions.Suggestion(call.TargetMethod);
        context.Report.Add(Descriptors.NotFloat, source.Syntax.GetLocation(), Properties(source), "double", instead ?? UseFloat);
        return null;
    }

    /// <summary>What makes an expression one of doubles: the first such operand, down to a literal or a call.</summary>
    private static IOperation SourceOfDouble(IOperation operation)
    {
        foreach (var operand in operation.ChildOperations)
        {
            if (operand.Type?.SpecialType == SpecialType.System_Double && operand is not IConversionOperation { IsImplicit: true })
                return SourceOfDouble(operand);
        }

        return operation;
    }

    private static ImmutableDictionary<string, string?> Properties(IOperation operation)
    {
        var none = ImmutableDictionary<string, string?>.Empty;
        return operation is IInvocationOperation call && Functions.Equivalent(call.TargetMethod) is { } function
            ? none.Add(DiagnosticProperties.Function, function)
            : none;
    }

    private Value? RefuseType(IOperation operation, ITypeSymbol? type)
    {
        if (IsInvalid(operation))
            return null;
        context.Report.Add(Descriptors.NotFloat, operation.Syntax.GetLocation(), type?.ToDisplayString() ?? "an unknown type", UseFloat);
        return null;
    }

    private static string Shorten(IOperation operation)
    {
        var text = operation.Syntax.ToString();
        return text.Length <= 40 ? text : text.Substring(0, 37) + "...";
    }
}
