using System.Collections.Generic;
using System.Linq;

namespace MinRnn.Generator.Planning;

/// <summary>What generated code calls a cell's states where their names are parts of words, or members of a structure.</summary>
internal sealed class StateNames
{
    /// <summary>The structure that has them as members, and members that every structure has.</summary>
    private static readonly string[] Taken = ["State", "Equals", "GetHashCode", "GetType", "ToString", "MemberwiseClone", "ReferenceEquals", "Finalize"];

    private readonly List<string> capitals = [];

    /// <param name="states">The states' names. They may differ in the case of their first letter alone.</param>
    public StateNames(IEnumerable<string> states)
    {
        foreach (var state in states)
        {
            var (wanted, name) = (KernelPlan.Capital(state), KernelPlan.Capital(state));
            for (var i = 2; Taken.Contains(name) || capitals.Contains(name); i++)
                name = wanted + i;
            capitals.Add(name);
        }
    }

    /// <summary>A state as a member.</summary>
    public string Member(int state) => capitals[state];

    /// <summary>What a state takes from another.</summary>
    public string Entry(int row, int column) => Small(row) + "From" + capitals[column];

    /// <summary>What is added to a state.</summary>
    public string Offset(int row) => Small(row) + "Offset";

    private string Small(int state) => char.ToLowerInvariant(capitals[state][0]) + capitals[state].Substring(1);
}
