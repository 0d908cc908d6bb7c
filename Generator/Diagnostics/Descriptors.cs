using Microsoft.CodeAnalysis;

namespace MinRnn.Generator.Diagnostics;

/// <summary>Every diagnostic: 1xxx the shape of declarations, 2xxx the language of cells, 3xxx targets and performance.</summary>
internal static class Descriptors
{
    /// <summary>Where the pages of <c>docs/diagnostics</c> are read.</summary>
    private const string HelpPages = "https://github.com/MinRnnGen/MinRnnGen/blob/main/docs/diagnostics/";

    // 1xxx: the shape of declarations.
    public static readonly DiagnosticDescriptor NotPartial = Error("MRNN1001", "Type must be partial",
        "'{0}' must be declared partial, for the build adds a part to it");

    public static readonly DiagnosticDescriptor GenericType = Error("MRNN1002", "Type must not be generic",
        "'{0}' must not be generic or stand inside a generic type: its kernels are compiled once");

    public static readonly DiagnosticDescriptor SizeOutOfRange = Error("MRNN1003", "Size out of range",
        "{0} of '{1}' is {2}, but must be {3}");

    public static readonly DiagnosticDescriptor NotACell = Error("MRNN1004", "Not a cell",
        "'{0}' is not a recurrent cell: it needs [RecurrentCell], and its assembly must have been built with the MinRnnGen generator");

    public static readonly DiagnosticDescriptor InputSizeMismatch = Error("MRNN1005", "InputSize must equal HiddenSize",
        "'{0}' reads the layer's own input channel ({1}), so {2} must equal {3}");

    public static readonly DiagnosticDescriptor NameCollision = Error("MRNN1006", "Name collides",
        "The name '{0}' collides with {1}; choose another");

    public static readonly DiagnosticDescriptor UnknownGraphVersion = Error("MRNN1007", "Unknown version of a cell's graph",
        "The cell '{0}' was compiled to graph format {1}, but this generator reads format {2}: build both with the same MinRnnGen");

    public static readonly DiagnosticDescriptor HasBaseClass = Error("MRNN1008", "Type must not have a base class",
        "'{0}' must not name the base class '{1}': the generated part gives it one");

    public static readonly DiagnosticDescriptor TwoDeclarations = Error("MRNN1009", "Two declarations on one class",
        "'{0}' is declared as a cell, layer or model more than once; use a class for each");

    public static readonly DiagnosticDescriptor LanguageTooOld = Error("MRNN1010", "C# version too old",
        "Generated code needs C# 13 or later, and this project uses C# {0}; remove <LangVersion> or raise it");

    public static readonly DiagnosticDescriptor BrokenGraph = Error("MRNN1011", "A cell's graph cannot be read",
        "The recorded graph of the cell '{0}' cannot be read: {1}");

    public static readonly DiagnosticDescriptor CannotBeJoined = Error("MRNN1012", "Type cannot get another part",
        "'{0}' must not be {1}: the part that the build adds could not join it");

    public static readonly DiagnosticDescriptor NothingToStart = Error("MRNN1013", "Option without an object",
        "'{0}' sets {1}, but {2}");

    // 2xxx: the language of cells.
    public static readonly DiagnosticDescriptor CellNotStatic = Error("MRNN2001", "Cell must be a static class",
        "The cell '{0}' must be a static class: a step has no state but its [State] parameters");

    public static readonly DiagnosticDescriptor NoStep = Error("MRNN2002", "Cell needs one Step method",
        "The cell '{0}' needs exactly one method 'static float Step([State] float h, ...)', and has {1}");

    public static readonly DiagnosticDescriptor BadReturn = Error("MRNN2003", "Wrong return type",
        "'{0}' must return {1}");

    public static readonly DiagnosticDescriptor BadParameter = Error("MRNN2004", "Wrong parameter",
        "The parameter '{0}' must be a plain 'float', not '{1}'");

    public static readonly DiagnosticDescriptor NoState = Error("MRNN2005", "Step has no state",
        "'Step' has no [State] parameter: mark the value that is carried from step to step");

    public static readonly DiagnosticDescriptor RoleConflict = Error("MRNN2006", "Conflicting roles",
        "The parameter '{0}' {1}");

    public static readonly DiagnosticDescriptor UnsupportedStatement = Error("MRNN2007", "Statement outside the cell language",
        "A cell has no {0}; {1}");

    public static readonly DiagnosticDescriptor UnsupportedExpression = Error("MRNN2008", "Expression outside the cell language",
        "'{0}' is outside the cell language; {1}");

    public static readonly DiagnosticDescriptor UnsupportedCall = Error("MRNN2009", "Call outside the cell language",
        "A cell cannot call '{0}'; {1}");

    public static readonly DiagnosticDescriptor NotFloat = Error("MRNN2010", "Arithmetic must be float",
        "This is computed in '{0}', but cells compute in float; {1}");

    public static readonly DiagnosticDescriptor Recursion = Error("MRNN2011", "Recursion",
        "'{0}' calls itself; methods of a cell are inlined, so write the repetition out");

    public static readonly DiagnosticDescriptor NotConstant = Error("MRNN2012", "Field is not constant",
        "'{0}' is not a constant: make it 'const', or 'static readonly' with an initialiser of constants, or pass it as a [Weight]");

    public static readonly DiagnosticDescriptor TooLarge = Error("MRNN2013", "Cell too large",
        "The cell '{0}' unfolds to more than {1}; methods are inlined and branches followed both ways, so simplify it");

    public static readonly DiagnosticDescriptor BadInitializer = Error("MRNN2014", "Wrong weight initialiser",
        "'{0}' must be a method of the cell, as visible as the cell: 'public static float {0}(int channel, int state, int channels, Random random)'");

    public static readonly DiagnosticDescriptor NoBody = Error("MRNN2015", "Method has no body here",
        "'{0}' has no body in this compilation, so it cannot be compiled into the cell");

    // 3xxx: targets and performance.
    public static readonly DiagnosticDescriptor NotAffine = Info("MRNN3001", "Step is not affine in its state",
        "The step of '{0}' is not affine in its state because of '{1}': time cannot be split among processors");

    public static readonly DiagnosticDescriptor Unoptimized = Info("MRNN3002", "Kernels are compiled without optimisation",
        "The kernels of '{0}' are compiled into this project without optimisation, some twenty times slower; set <Optimize>true</Optimize> or build with -c Release");

    public static readonly DiagnosticDescriptor Unbounded = Info("MRNN3003", "Coefficient of the step is not bounded",
        "The step of '{0}' multiplies {1}: time cannot be split among processors; keep {2} within [-1, 1] (Sigmoid, Tanh, Clamp), or allow it with AllowUnboundedScan");

    public static readonly DiagnosticDescriptor VectorStates = Info("MRNN3004", "Gradients need vectors of states",
        "The gradients of the vector states of '{0}' need the states themselves: time is not split among the processors of a CPU");

    public static readonly DiagnosticDescriptor NoDeviceKernels = Info("MRNN3005", "States are too large for GPUs",
        "A group of a GPU's threads cannot hold the vector states of '{0}' and what they share: its layers have kernels for the CPU alone");

    public static readonly DiagnosticDescriptor Unread = Info("MRNN3006", "Parameter changes nothing",
        "Nothing that '{0}' computes depends on '{1}', which its layers carry all the same");

    private static DiagnosticDescriptor Error(string id, string title, string message) => Make(id, title, message, DiagnosticSeverity.Error);

    private static DiagnosticDescriptor Info(string id, string title, string message) => Make(id, title, message, DiagnosticSeverity.Info);

    private static DiagnosticDescriptor Make(string id, string title, string message, DiagnosticSeverity severity) =>
        new(id, title, message, id[4] == '1' ? "MinRnnGen.Shape" : id[4] == '2' ? "MinRnnGen.Language" : "MinRnnGen.Targets", severity, isEnabledByDefault: true, helpLinkUri: $"{HelpPages}{id}.md");
}
