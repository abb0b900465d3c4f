using System.IO.Enumeration;
using ModelGate.Measuring;

namespace ModelGate.Policies;

/// <summary>Tells whether a machine is the one that a policy names.</summary>
public static class MachineMatch
{
    /// <summary>The first thing in which a machine differs from what the policy says of it, in words; null where it is that machine.</summary>
    public static string? DifferenceFrom(this MachineSpecification specification, Machine machine)
    {
        if (specification.Cpu is { } cpu && !FileSystemName.MatchesSimpleExpression(cpu, machine.Cpu))
            return $"its CPU is '{cpu}', this is '{machine.Cpu}'";
        if (specification.Cores is { } cores && cores != machine.Cores)
            return $"it has {cores} cores, this has {machine.Cores}";
        return specification.InstructionSets.FirstOrDefault(set => !machine.InstructionSets.Contains(set)) is { } missing
            ? $"it has {missing}, this has not"
            : null;
    }
}
