namespace MinRnn.Tests.PtxMachine.Parsing;

/// <summary>Reads the directives of a module and hands function bodies to <see cref="BodyParser"/>.</summary>
internal sealed class ModuleParser(string text)
{
    private readonly TokenReader reader = new(text);

    public Scope Globals { get; } = new(null);

    public List<Function> Functions { get; } = [];

    public string Target { get; private set; } = "";

    public void Parse()
    {
        while (!reader.IsAtEnd)
            Directive();
        if (Target.Length == 0)
            throw reader.Error("The text names no .target.");
    }

    private void Directive()
    {
        var line = reader.Current.Line;
        switch (reader.Word())
        {
            case ".version":
                reader.Number();
                break;
            case ".target":
                Target = reader.Word();
                while (reader.TryTake(","))
                    reader.Word();
                break;
            case ".address_size":
                if (reader.Integer() != 64)
                    throw reader.Error("Only 64-bit addresses are supported.", line);
                break;
            case ".visible" or ".extern" or ".weak" or ".common":
                break;
            case ".entry":
                Functions.Add(Function(isEntry: true));
                break;
            case ".func":
                Functions.Add(Function(isEntry: false));
                break;
            case ".global" or ".const":
                Declarations.Variable(reader, Globals, VariableSpace.Global);
                break;
            case ".shared":
                Declarations.Variable(reader, Globals, VariableSpace.Shared);
                break;
            case ".file" or ".loc" or ".pragma":
                while (reader.Current.Line == line && !reader.IsAtEnd)
                    reader.Take();
                break;
            case var other:
                throw reader.Error($"'{other}' is not known here.", line);
        }
    }

    private Function Function(bool isEntry)
    {
        var space = isEntry ? VariableSpace.Parameter : VariableSpace.Local;
        var results = new Scope(null);
        var declared = new List<Variable>();
        if (!isEntry && reader.Is("("))
            Parameters(results, space, declared);
        var function = new Function(reader.Word(), isEntry);
        function.Results.AddRange(declared);
        var body = new Scope(Globals);
        if (reader.Is("("))
            Parameters(body, space, function.Parameters);
        foreach (var (name, result) in results.Variables)
            body.Variables.Add(name, result);
        while (!reader.Is("{") && !reader.Is(";"))
            Tuning(function);
        if (reader.TryTake(";"))
            return function;
        function.Body = body;
        reader.Expect("{");
        new BodyParser(reader, function).Parse(body);
        return function;
    }

    private void Parameters(Scope scope, VariableSpace space, List<Variable> into)
    {
        reader.Expect("(");
        var offset = 0L;
        while (!reader.TryTake(")"))
        {
            reader.Expect(".param");
            var variable = Declarations.Single(reader, space);
            offset = (offset + variable.Alignment - 1) / variable.Alignment * variable.Alignment;
            variable.Offset = offset;
            offset += variable.Bytes;
            scope.Variables.Add(variable.Name, variable);
            into.Add(variable);
            if (!reader.Is(")"))
                reader.Expect(",");
        }
    }

    private void Tuning(Function function)
    {
        var line = reader.Current.Line;
        var directive = reader.Word();
        if (directive is not (".maxntid" or ".reqntid" or ".minnctapersm" or ".maxnctapersm" or ".maxnreg" or ".noreturn"))
            throw reader.Error($"'{directive}' is not known of a function.", line);
        var sizes = new List<int>();
        while (reader.Current.Kind == TokenKind.Number)
        {
            sizes.Add(reader.Integer());
            reader.TryTake(",");
        }

        if (directive is ".maxntid" or ".reqntid")
            function.MaxThreads = (sizes[0], sizes.Count > 1 ? sizes[1] : 1, sizes.Count > 2 ? sizes[2] : 1);
    }
}
