using System.CommandLine;
using ModelGate.Policies;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate schema</c>: the JSON schema of the policy, made from the table that the reader validates by.</summary>
internal static class SchemaCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("schema", """
            Print the JSON schema of the policy, for editors.

            Example:
              modelgate schema > modelgate.schema.json
              # and as the first line of modelgate.yml:
              # yaml-language-server: $schema=modelgate.schema.json
            """);
        command.SetAction(_ =>
        {
            terminal.Out.Write(PolicySchema.Write());
            return (int)ExitCode.Pass;
        });
        return command;
    }
}
