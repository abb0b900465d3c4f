using ModelGate.Tool;

return CommandLine.Run(args, Terminal.OfThisProcess());
