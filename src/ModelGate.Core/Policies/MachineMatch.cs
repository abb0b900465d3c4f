using System.Globalization;
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
        if (specification.UsableCores is { } usable && usable != machine.UsableCores)
            return string.Create(CultureInfo.InvariantCulture, $"it lets a process use {usable} cores, this lets it use {machine.UsableCores}");
        if (specification.Memory is { } memory && !(machine.Memory >= memory.Value))
            return $"it has {memory.Text} of memory, this has {Quantity.Format(machine.Memory, Unit.Bytes)}";
        if (specification.Os is { } os && !FileSystemName.MatchesSimpleExpression(os, machine.Os))
            return $"its system is '{os}', this is '{machine.Os}'";
        if (specification.Architecture is { } architecture && architecture != machine.Architecture)
            return $"it is {architecture}, this is {machine.Architecture}";
        if (specification.PowerGovernor is { } governor && !governor.Equals(machine.PowerGovernor, StringComparison.OrdinalIgnoreCase))
            return $"its power governor is '{governor}', {(machine.PowerGovernor is null ? "and this tells none" : $"this has '{machine.PowerGovernor}'")}";
        return specification.InstructionSets.FirstOrDefault(set => !machine.InstructionSets.Contains(set)) is { } missing
            ? $"it has {missing}, this has not"
            : null;
    }
}
